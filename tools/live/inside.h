/* What the library in a running process knows, read while the process goes on. */
#ifndef SOCKFIX_LIVE_INSIDE_H
#define SOCKFIX_LIVE_INSIDE_H

#include <stdbool.h>

#include "shim/control_page.h"
#include "tools/live/library.h"

/* Counts are of the process since it, or what it is forked from, began. What changes while it is
 * read may be counted a little wrong. */
struct inside {
	bool known;		       /* false: nothing of what follows */
	char *rules;		       /* the line of rules/wire.h in force; NULL: none */
	uint32_t changed;	       /* how often others came in their place */
	bool waits;		       /* others were given, which it has not looked at */
	char directory[512];	       /* where it records to; "": nowhere */
	uint64_t flows;		       /* sockets of TCP that it ever looked after */
	uint64_t connections, servers; /* that are there now, and those of them that it accepted */
	uint64_t listeners;
	uint64_t held;	    /* writes that the kernel took held back */
	uint64_t collected; /* writes that were collected in the process */
	uint64_t late, late_ns;
	uint64_t given_up[CONTROL_REASONS]; /* connections, by enum trace_given_up */
};

/* Where things lie there. 0, or -errno as below. */
int inside_map(pid_t pid, const struct library *library, struct control_map *map);

/* Fills it in, to be freed. 0; -ENOENT: it has nothing to tell; -EPROTO: what it says cannot be; or
 * -errno. */
int inside_take(pid_t pid, const struct library *library, struct inside *inside);
void inside_free(struct inside *inside);

#endif
