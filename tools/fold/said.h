/* What the kernel said of single connections. */
#ifndef SOCKFIX_SAID_H
#define SOCKFIX_SAID_H

#include "tools/read/run.h"

/* At its end, which is its close or the process's; -1: the kernel was not asked, or did not say. */
struct kernel_said {
	int64_t busy_us, rwnd_limited_us, sndbuf_limited_us;
	int64_t queued;	 /* bytes: not acknowledged (SIOCOUTQ) */
	int64_t notsent; /* bytes: of those, not sent for the first time */
	int64_t unacked; /* segments on the way */
};
struct kernel_said kernel_said(const struct trace_connection *connection);

#endif
