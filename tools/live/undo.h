/* What was changed in a running process, kept so that it can be put back: a line of JSON for each
 * option of each connection, written before the option is set, with what it will be then, and again
 * when it has been, with what the kernel made of it. */
#ifndef SOCKFIX_LIVE_UNDO_H
#define SOCKFIX_LIVE_UNDO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "tools/live/touch.h"

struct undo {
	pid_t pid;
	uint64_t started; /* who_began(): a number that is used again has another */
	uint64_t cookie;
	int fd;
	bool v6;
	uint8_t option; /* enum option_id */
	char peer[64];	/* "192.0.2.7:143" */
	struct option_state was, left;
};

/* One line, and it has left our buffers. 0 or -errno. */
int undo_write(FILE *out, const struct undo *undo);

/* What a file of such lines says, one entry for each option of each connection, in the order in
 * which they were set. *undo is to be freed. 0; -errno of reading; -EINVAL: *line is none of
 * ours. */
int undo_read(FILE *in, struct undo **undo, size_t *count, int *line);

/* A process, as long as lines are about it; zeros at first. */
struct undo_process {
	pid_t pid;   /* 0: none yet */
	int process; /* borrow.h; < 0: -errno */
	int error;   /* why nothing of it can be put back */
	struct undo_place
		*of; /* the descriptors of its connections, once one was not in its place */
	size_t count;
};

/* Puts it back; now: as it is then. 0; -EALREADY: it is as it was; -EEXIST: somebody has set
 * something else since; -ESTALE: the connection is closed; -ESRCH: the process has ended; -EACCES:
 * /proc hides it; -EPERM and others as pidfd_getfd(2) says. */
int undo_put_back(struct undo_process *process, const struct undo *undo, struct option_state *now);
void undo_process_end(struct undo_process *process);

#endif
