/* Processes that have the library. */
#ifndef SOCKFIX_LIVE_WRAPPED_H
#define SOCKFIX_LIVE_WRAPPED_H

#include <stddef.h>

#include "tools/live/inside.h"
#include "tools/live/library.h"

struct wrapped {
	pid_t pid;
	int error; /* of library_find(), see there */
	struct library library;
	char command[256]; /* its words, harmless; "" where it has none (the kernel's own) */
	/* half a sentence: why it is inert, or that its file was deleted or replaced; "": neither
	 */
	const char *reason;
	struct inside inside; /* see wrapped_look_inside() */
};

void wrapped_look(pid_t pid, struct wrapped *process);

/* And at what the library there knows, where it is one of ours. To be freed by inside_free(). */
void wrapped_look_inside(struct wrapped *process);

struct wrapped_all {
	struct wrapped *process; /* in the order of their numbers; to be freed */
	size_t count;
	pid_t *without; /* processes that have not the library, in that order; to be freed */
	size_t withouts;
	size_t unseen; /* processes that may not be looked at */
};

/* All that /proc shows but this one. 0, or -errno. */
int wrapped_find(struct wrapped_all *all);

#endif
