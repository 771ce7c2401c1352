/* The TCP sockets of this network namespace, as the kernel lists them to everybody
 * (sock_diag(7)): no permission is needed, and no program notices. */
#ifndef SOCKFIX_LIVE_SOCKETS_H
#define SOCKFIX_LIVE_SOCKETS_H

#include <stdint.h>

struct socket_state {
	uint64_t cookie;	     /* one socket's alone, for as long as the host runs */
	uint64_t sent, received;     /* bytes that were acknowledged and received */
	uint32_t inode;		     /* 0: no descriptor is left of it */
	uint8_t local[16], peer[16]; /* IPv4 as ::ffff:a.b.c.d */
	uint16_t local_port, peer_port;
};

/* Opens the way to the kernel: a descriptor, to be closed; or -errno (no CONFIG_INET_DIAG, a
 * sandbox). */
int sockets_open(void);

/* Calls `each` for every connection, IPv4 and IPv6, that is or was established; listeners and
 * TIME_WAIT are left out. 0; or -errno: the kernel does not say, or not all. The socket_state is
 * valid during the call alone. */
int sockets_each(
	int kernel, void (*each)(void *context, const struct socket_state *socket), void *context);

#endif
