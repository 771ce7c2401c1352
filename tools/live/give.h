/* New rules for a running process that has the library, which goes on meanwhile. */
#ifndef SOCKFIX_LIVE_GIVE_H
#define SOCKFIX_LIVE_GIVE_H

#include "tools/live/library.h"

enum {
	GIVEN_TAKEN,  /* they hold there */
	GIVEN_WAITING /* it has made no call on a socket since: the next one takes them */
};

/* line: of rules/wire.h. It is refused here where the library would refuse it, and then nothing was
 * written. Waits a little for the process to take it. GIVEN_..., or -errno: -EPROTO, it is no such
 * line; -E2BIG, it is too long; -ENODATA, the process has no rules that could be changed (it is
 * recorded without any, or inert, or has resigned); -EBUSY, it is being proven; -EAGAIN, somebody
 * else has given it others meanwhile; -EPERM, -ESRCH. */
int give_rules(pid_t pid, const struct library *library, const char *line);

#endif
