/* A call that sends, in one form: write, writev, send, sendto and sendmsg, by name or by number. */
#ifndef SOCKFIX_OUT_H
#define SOCKFIX_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "shim/hook/raw.h"
#include "shim/table/fdtab.h"

struct out;

/* How the program made it. */
struct out_way {
	uint8_t what;			      /* enum trace_call */
	long (*plain)(const struct out *out); /* the call itself */
};

struct out {
	const struct out_way *way;
	const struct raw *raw; /* NULL: it was called by its name */
	struct flow *flow;
	int fd;
	int flags;		   /* MSG_, 0 of write() and writev() */
	const struct iovec *piece; /* &bytes, or the program's: then it may be anything at all */
	int pieces;
	bool in_bytes;		   /* piece is &bytes */
	struct iovec bytes;
	const struct msghdr *message; /* of sendmsg() */
};

/* Holds, collects or passes on, as the flow will have it. Returns what the program's call returns,
 * errno with it. */
long out_send(const struct out *out);

#endif
