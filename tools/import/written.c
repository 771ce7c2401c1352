/* Writes a recording: files, their blocks one after the other, their headers and run.json last. A
 * file is open only while a block is written to it: logs have more processes than there are
 * descriptors. Must not judge, drop or reorder what it is given. */
#include "tools/import/written.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/import/written_json.h"
#include "tools/import/written_parts.h"

/* ---- processes ---- */

/* Never the same in one run, and the same in each reading of one log. */
static uint64_t draw(struct written *written, int32_t pid)
{
	return (++written->processes * UINT64_C(0x9e3779b97f4a7c15)) ^ (uint32_t)pid;
}

struct written_process *written_process_begin(
	struct written *written, int32_t pid, int32_t parent, uint64_t started)
{
	struct written_process *process = memory_take(1, sizeof(*process));
	struct trace_header *header = &process->header;

	process->written = written;
	process->blocks = 1;
	memcpy(header->magic, TRACE_MAGIC, sizeof(header->magic));
	header->version = TRACE_VERSION;
	header->block = TRACE_BLOCK;
	header->event = sizeof(struct trace_event);
	header->connection = TRACE_CONNECTION;
	header->thread = sizeof(struct trace_thread);
	header->pid = pid;
	header->parent = parent;
	header->random = draw(written, pid);
	header->started = header->process_started = started;
	snprintf(header->sockfix, sizeof(header->sockfix), "%s", SOCKFIX_VERSION);
	LIST_ADD(written->process, process);
	return process;
}

struct trace_header *written_header(struct written_process *process)
{
	return &process->header;
}

static void process_drop(struct written_process *process)
{
	LIST_REMOVE(process->written->process, process);
	for (struct written_thread *thread; (thread = process->thread); free(thread))
		process->thread = thread->next;
	for (struct written_connection *connection; (connection = process->connection);
		free(connection))
		process->connection = connection->next;
	free(process);
}

void written_process_end(struct written_process *process, uint64_t ended, enum trace_end end)
{
	struct trace_header *header = &process->header;
	unsigned char block[TRACE_BLOCK] = {0};

	while (process->thread)
		written_thread_end(process->thread, 0);
	while (process->connection)
		written_connection_end(process, process->connection);
	written_rest(process);
	header->ended = ended;
	header->end = end;
	header->blocks = header->capacity = process->blocks;
	if (process->written->zero_wall)
		header->started_wall = process->written->zero_wall + header->started;
	memcpy(block, header, sizeof(*header));
	written_put(process, 0, block);
	process_drop(process);
}

/* ---- the run ---- */

struct written *written_begin(const char *folder)
{
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct written *written;

	if (fd < 0)
		return NULL;
	written = memory_take(1, sizeof(*written));
	written->folder = fd;
	return written;
}

void written_clock(struct written *written, uint64_t zero_wall)
{
	written->zero_wall = zero_wall;
}

void written_abandon(struct written *written)
{
	while (written->process)
		process_drop(written->process);
	close(written->folder);
	free(written);
}

int written_end(struct written *written, const struct written_run *run)
{
	int error;

	while (written->process)
		written_process_end(written->process, run->ended, END_NOT_SEEN);
	error = written->error ? -written->error
			       : written_json(written->folder, run, written->zero_wall);
	written_abandon(written);
	return error;
}
