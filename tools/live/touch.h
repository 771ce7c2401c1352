/* One option of one socket of another process: it is taken by pidfd_getfd(2), compared by its
 * cookie, asked or set, and closed at once. Wants the permission of ptrace(2).
 *
 * It is had for a few system calls: take.h says why. */
#ifndef SOCKFIX_LIVE_TOUCH_H
#define SOCKFIX_LIVE_TOUCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/option.h"

struct touched {
	int process; /* borrow_open() */
	int fd;	     /* theirs */
	uint64_t cookie;
	bool v6; /* its packets are; not those of an IPv6 socket to ::ffff:a.b.c.d */
};

/* What the kernel has of an option. */
struct option_state {
	unsigned char bytes[16];
	uint32_t length;
	/* what setting it changes, too: SO_PRIORITY of ip_tos, SO_BUF_LOCK of a buffer's size (-1:
	 * a kernel before 5.14, which gives no tuning back) */
	int beside;
};

/* Whether a connection that is made can take it. */
bool touch_takes(int id);

/* All return 0; -ESTALE: that descriptor is another socket now, or none; or -errno of
 * pidfd_getfd(2), getsockopt(2) or setsockopt(2); -EACCES: that value is for root. */
int touch_read(const struct touched *socket, int id, struct option_state *now);
/* after: as it is then; NULL: not wanted. */
int touch_set(const struct touched *socket, int id, const struct value *value,
	struct option_state *after);
/* Puts back what was. -EALREADY: it is so; -EEXIST: it is no longer as we left it. */
int touch_restore(const struct touched *socket, int id, const struct option_state *was,
	const struct option_state *left);

bool option_state_is_same(const struct option_state *a, const struct option_state *b);
/* Whether setting it to value would change nothing. */
bool option_state_is(int id, const struct option_state *state, const struct value *value);
/* How it will be when that value has been set; beside is -1 where that cannot be known. */
struct option_state option_state_after(
	int id, const struct option_state *was, const struct value *value);
/* The bit of SO_BUF_LOCK that keeps the kernel from tuning that buffer. */
int option_lock(int id);
/* As people write it (option_text.h); a buffer's size as the kernel counts it, twice what was
 * asked for (socket(7)). As snprintf. */
int option_state_print(int id, const struct option_state *state, char *out, size_t size);

#endif
