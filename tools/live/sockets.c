/* Asks inet_diag by netlink, by hand: of the libraries that know netlink Debian's libmnl has no
 * static archive, and libnl's brings getaddrinfo with it, which a static command cannot have. Must
 * not know whose the sockets are. */
#include "tools/live/sockets.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/live/diag.h"

/* include/net/tcp_states.h of the kernel. */
enum { CLOSE = 7, NEW_SYN_RECV = 12 };
#define AND_LISTENERS (~(1u << TCP_IS_OVER | 1u << CLOSE | 1u << NEW_SYN_RECV))
#define CONNECTIONS   (AND_LISTENERS & ~(1u << TCP_IS_LISTENING))

/* of one socket the answer is one message, of all a dump that is said to be over */
struct question {
	void (*each)(void *context, const struct socket_state *socket);
	void *context;
	bool one, over;
};

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 body;
};

int sockets_open(void)
{
	const int kernel = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	return kernel < 0 ? -errno : kernel;
}

/* 0, or what the kernel says, as -errno. */
static int take_message(struct question *question, struct nlmsghdr *header)
{
	const struct nlmsgerr *error = NLMSG_DATA(header);
	struct socket_state socket;

	if (header->nlmsg_type == NLMSG_DONE)
		question->over = true;
	else if (header->nlmsg_type == NLMSG_ERROR)
		return header->nlmsg_len < NLMSG_LENGTH(sizeof(*error)) ? -EPROTO : error->error;
	if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return 0;
	question->over |= question->one;
	if (diag_read(&socket, NLMSG_DATA(header), NLMSG_PAYLOAD(header, 0)))
		question->each(question->context, &socket);
	return 0;
}

static int take_answer(int kernel, struct question *question)
{
	/* a dump comes in pieces of 32 KB at most (net/netlink/af_netlink.c, netlink_dump) */
	enum { LARGEST = 65536 };
	/* once, and not in .bss: COMMAND may have little room for memory, and so has who starts it
	 */
	static struct nlmsghdr *answer;

	if (!answer)
		answer = memory_take(LARGEST, 1);
	while (!question->over) {
		/* as wide as NLMSG_OK() can compare with the length that a message says */
		int64_t left = recv(kernel, answer, LARGEST, 0);
		int error = left < 0 ? -errno : left == 0 ? -EPROTO : 0;

		for (struct nlmsghdr *at = answer; !error && NLMSG_OK(at, left);
			at = NLMSG_NEXT(at, left))
			error = take_message(question, at);
		if (error && error != -EINTR)
			return error;
	}
	return 0;
}

static struct request request_of(uint8_t family, uint32_t states, uint16_t flags)
{
	return (struct request){{.nlmsg_len = sizeof(struct request),
					.nlmsg_type = SOCK_DIAG_BY_FAMILY,
					.nlmsg_flags = NLM_F_REQUEST | flags},
		{.sdiag_family = family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_ext = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_SKMEMINFO - 1),
			.idiag_states = states}};
}

static int ask(int kernel, const struct request *request, struct question *question)
{
	question->over = false;
	if (send(kernel, request, sizeof(*request), 0) != sizeof(*request))
		return -errno;
	return take_answer(kernel, question);
}

static int ask_all(int kernel, uint32_t states,
	void (*each)(void *context, const struct socket_state *socket), void *context)
{
	const struct request four = request_of(AF_INET, states, NLM_F_DUMP);
	const struct request six = request_of(AF_INET6, states, NLM_F_DUMP);
	struct question question = {.each = each, .context = context};
	const int error = ask(kernel, &four, &question);

	return error ? error : ask(kernel, &six, &question);
}

int sockets_each(
	int kernel, void (*each)(void *context, const struct socket_state *socket), void *context)
{
	return ask_all(kernel, CONNECTIONS, each, context);
}

int sockets_each_and_listeners(
	int kernel, void (*each)(void *context, const struct socket_state *socket), void *context)
{
	return ask_all(kernel, AND_LISTENERS, each, context);
}

int sockets_each_over(
	int kernel, void (*each)(void *context, const struct socket_state *socket), void *context)
{
	return ask_all(kernel, 1u << TCP_IS_OVER, each, context);
}

static void take_again(void *context, const struct socket_state *socket)
{
	struct socket_state *to = context;

	*to = *socket;
}

static void put_address(__be32 to[4], uint8_t family, const uint8_t from[16])
{
	if (family == AF_INET6)
		memcpy(to, from, 16);
	else
		memcpy(to, from + 12, 4);
}

int sockets_again(int kernel, struct socket_state *socket)
{
	struct request request = request_of(socket->family, AND_LISTENERS, 0);
	struct inet_diag_sockid *id = &request.body.id;
	struct question question = {.each = take_again, .context = socket, .one = true};

	put_address(id->idiag_src, socket->family, socket->local);
	put_address(id->idiag_dst, socket->family, socket->peer);
	id->idiag_sport = htons(socket->local_port);
	id->idiag_dport = htons(socket->peer_port);
	id->idiag_if = socket->interface;
	id->idiag_cookie[0] = (uint32_t)socket->cookie;
	id->idiag_cookie[1] = (uint32_t)(socket->cookie >> 32);
	return ask(kernel, &request, &question);
}
