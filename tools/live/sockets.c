/* Asks inet_diag by netlink, by hand: of the libraries that know netlink Debian's libmnl has no
 * static archive, and libnl's brings getaddrinfo with it, which a static command cannot have. Must
 * not know whose the sockets are. */
#include "tools/live/sockets.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/live/tcp.h"
#include "rules/ip.h"

/* include/net/tcp_states.h of the kernel. */
enum { TIME_WAIT = 6, CLOSE = 7, LISTEN = 10, NEW_SYN_RECV = 12 };
#define CONNECTIONS (~(1u << TIME_WAIT | 1u << CLOSE | 1u << LISTEN | 1u << NEW_SYN_RECV))

struct question {
	void (*each)(void *context, const struct socket_state *socket);
	void *context;
	bool over;
};

int sockets_open(void)
{
	const int kernel = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	return kernel < 0 ? -errno : kernel;
}

static void take_address(uint8_t to[16], uint8_t family, const __be32 from[4])
{
	if (family == AF_INET6)
		memcpy(to, from, 16);
	else
		ip_from_v4(to, from);
}

static void take_attributes(struct socket_state *socket, const struct nlmsghdr *header)
{
	const struct inet_diag_msg *diag = NLMSG_DATA(header);
	int left = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof(*diag)));

	for (const struct rtattr *at = (const struct rtattr *)(diag + 1); RTA_OK(at, left);
		at = RTA_NEXT(at, left))
		if (at->rta_type == INET_DIAG_INFO)
			tcp_take(socket, RTA_DATA(at), RTA_PAYLOAD(at));
}

static void take_socket(const struct question *question, const struct nlmsghdr *header)
{
	const struct inet_diag_msg *diag = NLMSG_DATA(header);
	struct socket_state socket = {.inode = diag->idiag_inode};

	socket.cookie = (uint64_t)diag->id.idiag_cookie[1] << 32 | diag->id.idiag_cookie[0];
	take_address(socket.local, diag->idiag_family, diag->id.idiag_src);
	take_address(socket.peer, diag->idiag_family, diag->id.idiag_dst);
	socket.local_port = ntohs(diag->id.idiag_sport);
	socket.peer_port = ntohs(diag->id.idiag_dport);
	take_attributes(&socket, header);
	question->each(question->context, &socket);
}

/* 0, or what the kernel says, as -errno. */
static int take_message(struct question *question, const struct nlmsghdr *header)
{
	const struct nlmsgerr *error = NLMSG_DATA(header);

	if (header->nlmsg_type == NLMSG_DONE)
		question->over = true;
	else if (header->nlmsg_type == NLMSG_ERROR)
		return header->nlmsg_len < NLMSG_LENGTH(sizeof(*error)) ? -EPROTO : error->error;
	else if (header->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
		take_socket(question, header);
	return 0;
}

static int take_answer(int kernel, struct question *question)
{
	/* a dump comes in pieces of 32 KB at most (net/netlink/af_netlink.c, netlink_dump) */
	static union {
		struct nlmsghdr header;
		char bytes[65536];
	} answer;

	while (!question->over) {
		ssize_t left = recv(kernel, &answer, sizeof(answer), 0);
		int error = left < 0 ? -errno : left == 0 ? -EPROTO : 0;

		for (struct nlmsghdr *at = &answer.header; !error && NLMSG_OK(at, left);
			at = NLMSG_NEXT(at, left))
			error = take_message(question, at);
		if (error && error != -EINTR)
			return error;
	}
	return 0;
}

static int ask(int kernel, uint8_t family, struct question *question)
{
	const struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 body;
	} request = {{.nlmsg_len = sizeof(request),
			     .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			     .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		{.sdiag_family = family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_ext = 1 << (INET_DIAG_INFO - 1),
			.idiag_states = CONNECTIONS}};

	question->over = false;
	if (send(kernel, &request, sizeof(request), 0) != sizeof(request))
		return -errno;
	return take_answer(kernel, question);
}

int sockets_each(
	int kernel, void (*each)(void *context, const struct socket_state *socket), void *context)
{
	struct question question = {.each = each, .context = context};
	const int error = ask(kernel, AF_INET, &question);

	return error ? error : ask(kernel, AF_INET6, &question);
}
