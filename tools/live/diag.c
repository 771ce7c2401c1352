/* What the kernel says of one socket (linux/inet_diag.h) becomes a socket_state. Pure. Must not
 * trust the lengths in it. */
#include "tools/live/diag.h"

#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "tools/live/tcp.h"
#include "rules/ip.h"

enum { KEEPALIVE_TIMER = 2 }; /* net/ipv4/inet_diag.c, inet_sk_diag_fill */

static void take_address(uint8_t to[16], uint8_t family, const __be32 from[4])
{
	if (family == AF_INET6)
		memcpy(to, from, 16);
	else
		ip_from_v4(to, from);
}

/* Numbers of linux/sock_diag.h; an older kernel's are fewer. */
static void take_memory(struct socket_state *socket, const void *numbers, size_t length)
{
	uint32_t number[SK_MEMINFO_DROPS + 1] = {0};

	memcpy(number, numbers, length < sizeof(number) ? length : sizeof(number));
	socket->dropped = number[SK_MEMINFO_DROPS];
}

static void take_attributes(struct socket_state *socket, const char *at, size_t left)
{
	struct rtattr head;

	while (left >= sizeof(head)) {
		const char *data = at + RTA_LENGTH(0);
		size_t step;

		memcpy(&head, at, sizeof(head));
		if (head.rta_len < RTA_LENGTH(0) || head.rta_len > left)
			return;
		if (head.rta_type == INET_DIAG_INFO)
			tcp_take(socket, data, RTA_PAYLOAD(&head));
		else if (head.rta_type == INET_DIAG_SKMEMINFO)
			take_memory(socket, data, RTA_PAYLOAD(&head));
		step = RTA_ALIGN(head.rta_len);
		at += step;
		left -= step < left ? step : left;
	}
}

bool diag_read(struct socket_state *socket, const void *bytes, size_t length)
{
	const struct inet_diag_msg *diag = bytes;

	if (length < sizeof(*diag))
		return false;
	*socket = (struct socket_state){
		.cookie = (uint64_t)diag->id.idiag_cookie[1] << 32 | diag->id.idiag_cookie[0],
		.inode = diag->idiag_inode,
		.local_port = ntohs(diag->id.idiag_sport),
		.peer_port = ntohs(diag->id.idiag_dport),
		.family = diag->idiag_family,
		.state = diag->idiag_state,
		.interface = diag->id.idiag_if,
		.waiting = diag->idiag_rqueue,
		.room = diag->idiag_wqueue,
		.timer_ms = diag->idiag_expires,
		.keepalive = diag->idiag_timer == KEEPALIVE_TIMER,
	};
	take_address(socket->local, diag->idiag_family, diag->id.idiag_src);
	take_address(socket->peer, diag->idiag_family, diag->id.idiag_dst);
	take_attributes(socket, (const char *)(diag + 1), length - sizeof(*diag));
	return true;
}
