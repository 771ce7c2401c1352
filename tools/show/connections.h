/* Single connections: what they are called, and what the kernel told of each at its end. */
#ifndef SOCKFIX_CONNECTIONS_H
#define SOCKFIX_CONNECTIONS_H

#include "tools/show/report.h"

enum { CONNECTION_TEXT = 128 };

/* "10.0.0.1:143 imap #1", "port 8000 (server) from 192.0.2.9:50001 #2"; where there are several
 * processes ", process 4711" behind it. Fills text, of CONNECTION_TEXT bytes, and returns it. */
char *connection_text(char *text, const struct fold *fold, const struct flow_fold *flow);

/* At its end, which is its close or the process's; -1: the kernel was not asked, or did not say. */
struct kernel_said {
	int64_t busy_us, rwnd_limited_us, sndbuf_limited_us;
	int64_t queued;	 /* bytes: not acknowledged (SIOCOUTQ) */
	int64_t notsent; /* bytes: of those, not sent for the first time */
	int64_t unacked; /* segments on the way */
};
struct kernel_said kernel_said(const struct trace_connection *connection);

#endif
