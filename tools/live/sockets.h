/* The TCP sockets of a network namespace, as the kernel lists them to everybody (sock_diag(7)): no
 * permission is needed, and no program notices. */
#ifndef SOCKFIX_LIVE_SOCKETS_H
#define SOCKFIX_LIVE_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

/* include/net/tcp_states.h of the kernel. */
enum tcp_is {
	TCP_IS_UP = 1,
	TCP_IS_CALLING = 2, /* SYN_SENT */
	TCP_IS_OVER = 6,    /* TIME_WAIT */
	TCP_IS_LISTENING = 10
};

/* Of TCP_INFO (linux/tcp.h); what an older kernel does not say is 0. */
struct socket_tcp {
	uint32_t mss;	  /* of a segment with data */
	uint32_t unacked; /* segments that are sent and not acknowledged */
	uint32_t unsent;  /* bytes that are written and not sent */
	/* bytes that the peer has room for, from the first unacknowledged on; UINT32_MAX: an older
	 * kernel does not say */
	uint32_t window;
	uint32_t congested; /* segments that may be under way */
	uint32_t again;	    /* times in a row that its first segment was sent again, now */
	uint32_t silent_ms; /* since data was last sent */
	/* the kernel's clocks: bytes waited for an ACK; of that, held by the peer's window, and by
	 * the send buffer */
	uint64_t busy_us, window_us, buffer_us;
	uint32_t sent_again; /* segments, of its whole life */
	uint32_t needless;   /* of these: the peer had them already; an older kernel says 0 */
	uint32_t answers;    /* segments with data that came, likewise */
	uint32_t quiet_ms;   /* since data last came */
	uint32_t way_us;     /* the shortest way there and back so far; 0: not known */
	uint32_t segments;   /* with data that went */
};

struct socket_state {
	uint64_t cookie;	     /* one socket's alone, for as long as the host runs */
	uint64_t sent, received;     /* bytes that were acknowledged and received */
	uint32_t inode;		     /* 0: no descriptor is left of it */
	uint8_t local[16], peer[16]; /* IPv4 as ::ffff:a.b.c.d */
	uint16_t local_port, peer_port;
	uint8_t family, state; /* AF_INET, AF_INET6; enum tcp_is, among others */
	uint32_t interface;    /* that it is bound to; 0: none */
	/* a listener's connections that wait for accept(), and those it has room for; of another
	 * socket bytes that wait for read(), and that are written and not acknowledged */
	uint32_t waiting, room;
	uint32_t dropped;  /* a listener: connections that it was too full for, and others */
	uint32_t timer_ms; /* until the kernel does something about it: TIME_WAIT ends */
	bool keepalive;	   /* SO_KEEPALIVE, of one that is idle */
	struct socket_tcp tcp;
};

/* Opens the way to the kernel: a descriptor, to be closed; or -errno (no CONFIG_INET_DIAG, a
 * sandbox). */
int sockets_open(void);

/* Calls `each` for every connection, IPv4 and IPv6, that is or was established; listeners and
 * TIME_WAIT are left out. 0; or -errno: the kernel does not say, or not all. The socket_state is
 * valid during the call alone. */
int sockets_each(
	int kernel, void (*each)(void *context, const struct socket_state *socket), void *context);
/* The same, and listeners, too. */
int sockets_each_and_listeners(
	int kernel, void (*each)(void *context, const struct socket_state *socket), void *context);

/* Those in TIME_WAIT alone, which have no owner any more, and no TCP_INFO. */
int sockets_each_over(
	int kernel, void (*each)(void *context, const struct socket_state *socket), void *context);

/* Asks again for that one socket and fills it in anew; -ENOENT: it is gone. */
int sockets_again(int kernel, struct socket_state *socket);

#endif
