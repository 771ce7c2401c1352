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
	bool in_bytes; /* piece is &bytes */
	struct iovec bytes;
	const struct msghdr *message; /* of sendmsg() */
};

/* The call of one that was made by its number. */
long out_raw(const struct out *out);

/* An address that no family has. TCP does not look at one on a connected socket (net/ipv4/tcp.c,
 * tcp_sendmsg_locked: only with MSG_FASTOPEN); datagram sockets refuse it with EINVAL
 * (net/ipv4/udp.c, net/ipv6/udp.c, net/unix/af_unix.c: too short), other streams with EISCONN or
 * EOPNOTSUPP, and to those that do not (MPTCP, UNIX SEQPACKET) MSG_MORE joins nothing that it
 * should not. So bytes are never joined on a descriptor that was closed and made again behind our
 * back. */
extern const struct sockaddr out_nowhere HIDDEN;
#define OUT_NOWHERE sizeof(out_nowhere.sa_family)

/* The held form of the call was refused for what it is, not for what it says: no TCP socket, or a
 * sandbox. Nothing was taken; the plain call is to follow, and its answer to be the program's. got:
 * below 0. */
bool out_refused(void);

/* After that plain call. Returns got. */
long out_again(int fd, long got);

/* Holds, collects or passes on, as the flow will have it. Returns what the program's call returns,
 * errno with it. */
long out_send(const struct out *out);

#endif
