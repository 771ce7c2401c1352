/* Asks a socket that is taken (take.h). Must not set anything. */
#include "tools/live/borrow.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tools/live/take.h"
#include "tools/live/tcp.h"
#include "rules/ip.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif
#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72
#endif
#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

enum { LOCKED_SEND = 1 }; /* include/uapi/linux/socket.h, SOCK_SNDBUF_LOCK */

int borrow_open(pid_t pid)
{
	const int process = (int)syscall(SYS_pidfd_open, pid, 0);

	return process < 0 ? -errno : process;
}

bool borrow_has_ended(int process)
{
	struct pollfd at = {.fd = process, .events = POLLIN};

	return poll(&at, 1, 0) > 0;
}

static bool ask(int fd, int level, int option, void *answer, socklen_t length)
{
	return getsockopt(fd, level, option, answer, &length) == 0;
}

static void take_name(const struct sockaddr_in6 *from, uint8_t address[16], uint16_t *port)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)from;

	*port = ntohs(from->sin6_port); /* it has the same place in both families */
	if (from->sin6_family == AF_INET)
		ip_from_v4(address, &four->sin_addr);
	else
		memcpy(address, &from->sin6_addr, 16);
}

static void ask_names(int fd, struct socket_state *socket)
{
	struct sockaddr_in6 name = {.sin6_family = AF_UNSPEC};
	socklen_t length = sizeof(name);

	if (getsockname(fd, (struct sockaddr *)&name, &length) == 0)
		take_name(&name, socket->local, &socket->local_port);
	socket->family = (uint8_t)name.sin6_family;
	length = sizeof(name);
	if (getpeername(fd, (struct sockaddr *)&name, &length) == 0)
		take_name(&name, socket->peer, &socket->peer_port);
}

static int ask_all(int fd, void *context)
{
	struct borrowed *borrowed = context;
	struct socket_state *socket = &borrowed->socket;
	char info[512];
	socklen_t length = sizeof(info);
	int protocol = 0, domain = 0, nodelay = 0, cork = 0, keepalive = 0, locked = 0;
	uint32_t memory[SK_MEMINFO_VARS] = {0};

	*borrowed = (struct borrowed){.nodelay = false};
	ask(fd, SOL_SOCKET, SO_DOMAIN, &domain, sizeof(domain));
	ask(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, sizeof(protocol));
	if ((domain != AF_INET && domain != AF_INET6) || protocol != IPPROTO_TCP ||
		getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &length) != 0)
		return -ENOTSOCK;
	tcp_take_own(socket, info, length);
	ask(fd, SOL_SOCKET, SO_COOKIE, &socket->cookie, sizeof(socket->cookie));
	ask(fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, sizeof(nodelay));
	ask(fd, IPPROTO_TCP, TCP_CORK, &cork, sizeof(cork));
	ask(fd, SOL_SOCKET, SO_KEEPALIVE, &keepalive, sizeof(keepalive));
	ask(fd, SOL_SOCKET, SO_BUF_LOCK, &locked, sizeof(locked));
	ask(fd, SOL_SOCKET, SO_MEMINFO, memory, sizeof(memory));
	socket->keepalive = keepalive != 0;
	socket->dropped = memory[SK_MEMINFO_DROPS];
	borrowed->fixed_send = locked & LOCKED_SEND;
	borrowed->nodelay = nodelay != 0;
	borrowed->cork = cork != 0;
	ask_names(fd, socket);
	return 0;
}

int borrow_ask(int process, int fd, struct borrowed *borrowed)
{
	return take_socket(process, fd, ask_all, borrowed);
}
