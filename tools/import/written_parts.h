/* What the writer's files share: inside written*.c only. */
#ifndef SOCKFIX_WRITTEN_PARTS_H
#define SOCKFIX_WRITTEN_PARTS_H

#include "tools/import/written.h"

struct written {
	int folder, error;
	uint64_t zero_wall, processes;
	struct written_process *process; /* those that are open */
};

struct written_thread {
	struct written_process *process;
	struct written_thread *before, *next;
	uint32_t tid;
	uint64_t order;
	unsigned events;
	struct trace_thread counts;
	struct trace_event event[TRACE_EVENTS];
};

struct written_process {
	struct written *written;
	struct written_process *before, *next;
	struct written_thread *thread;
	struct written_connection *connection;
	uint64_t blocks;
	uint32_t connections;
	unsigned kept; /* connections that are over, and not in the file yet */
	unsigned char over[TRACE_CONNECTIONS * TRACE_CONNECTION];
	struct trace_header header;
};

/* Lists of what is open. */
#define LIST_ADD(list, member)                                                                     \
	do {                                                                                       \
		(member)->next = (list);                                                           \
		if ((list))                                                                        \
			(list)->before = (member);                                                 \
		(list) = (member);                                                                 \
	} while (0)

#define LIST_REMOVE(list, member)                                                                  \
	do {                                                                                       \
		if ((member)->next)                                                                \
			(member)->next->before = (member)->before;                                 \
		if ((member)->before)                                                              \
			(member)->before->next = (member)->next;                                   \
		else                                                                               \
			(list) = (member)->next;                                                   \
	} while (0)

/* That block of the process's file, TRACE_BLOCK bytes; 0 is the header. */
void written_put(struct written_process *process, uint64_t block, const void *bytes);
/* A block of the process's file, the next one. */
void written_block(struct written_process *process, const struct trace_block *head,
	const void *bytes, size_t size);
/* Connections that are over, and fill no block. */
void written_rest(struct written_process *process);

#endif
