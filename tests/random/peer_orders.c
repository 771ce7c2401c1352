/* What a random program's peer does at the program's word: ports, connections, answers to send. It
 * must not look at bytes. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "peer_inside.h"
#include "tests/helper/must.h"

struct connection connection[CONNECTIONS];
unsigned connections;
static int order_fd;

/* For each port, the numbers of connections in the order in which the program dials them. */
static struct queue {
	uint32_t number[CONNECTIONS];
	unsigned expected, accepted;
} queue[PEER_PORTS];

void stand_open(struct stand *stand)
{
	for (int i = 0; i < PEER_PORTS; i++) {
		struct sockaddr_in6 at = {.sin6_family = AF_INET6};
		socklen_t length = sizeof(at);
		int no = 0;

		stand->listener[i] = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
		MUST(stand->listener[i] >= 0);
		MUST(setsockopt(stand->listener[i], IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no)) ==
			0);
		MUST(bind(stand->listener[i], (struct sockaddr *)&at, sizeof(at)) == 0);
		MUST(listen(stand->listener[i], 128) == 0);
		MUST(getsockname(stand->listener[i], (struct sockaddr *)&at, &length) == 0);
		stand->port[i] = ntohs(at.sin6_port);
	}
}

void stand_close(struct stand *stand)
{
	for (int i = 0; i < PEER_PORTS; i++)
		close(stand->listener[i]);
}

int64_t peer_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void reply(void)
{
	MUST(send(order_fd, "k", 1, MSG_NOSIGNAL) == 1 || errno == EPIPE || errno == ECONNRESET);
}

static void begin(uint32_t number, int fd)
{
	struct connection *c = &connection[number];
	int yes = 1;

	MUST(number < CONNECTIONS && c->fd == 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	/* Urgent bytes are bytes like others, and answers leave at once. */
	setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &yes, sizeof(yes));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	c->fd = fd;
	c->end = "open";
	if (number >= connections)
		connections = number + 1;
}

void peer_finish(struct connection *c, const char *how)
{
	close(c->fd);
	c->fd = -1;
	c->end = how;
}

void peer_finish_if_done(struct connection *c)
{
	if (c->fd > 0 && c->eof && c->told)
		peer_finish(c, "eof");
}

void peer_reply_if_synced(struct connection *c)
{
	if (!c->syncing || (c->came < c->sync_at && c->fd > 0 && !c->eof))
		return;
	c->syncing = false;
	reply();
}

static void dial(const struct order *order)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)order->count),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in four = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)order->count),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(order->flags & 1 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	MUST(fd >= 0);
	if (order->flags & 1)
		MUST(connect(fd, (struct sockaddr *)&six, sizeof(six)) == 0);
	else
		MUST(connect(fd, (struct sockaddr *)&four, sizeof(four)) == 0);
	begin(order->connection, fd);
}

void peer_accept(const struct stand *stand, unsigned port)
{
	int fd = accept4(stand->listener[port], NULL, NULL, SOCK_CLOEXEC);

	MUST(fd >= 0 && queue[port].accepted < queue[port].expected);
	begin(queue[port].number[queue[port].accepted++], fd);
}

/* A connection that is ordered about waits in a listener's queue at least; others may, too, whose
 * numbers are not read yet. */
static void await(const struct stand *stand, uint32_t number)
{
	while (number < CONNECTIONS && connection[number].fd == 0) {
		struct pollfd entry[PEER_PORTS];

		for (unsigned i = 0; i < PEER_PORTS; i++)
			entry[i] = (struct pollfd){
				queue[i].accepted < queue[i].expected ? stand->listener[i] : -1,
				POLLIN, 0};
		MUST(poll(entry, PEER_PORTS, MUST_SECONDS * 1000) > 0);
		for (unsigned i = 0; i < PEER_PORTS; i++)
			if (entry[i].revents)
				peer_accept(stand, i);
	}
}

/* ---- orders ---- */

static void order_answer(struct connection *c, const struct order *order)
{
	MUST(c->answers < ANSWERS);
	c->answer[c->answers++] = (struct answer){order->after, order->count};
}

static void order_pause(struct connection *c, const struct order *order)
{
	c->paused_until = peer_now() + (int64_t)order->count;
}

static void order_sync(struct connection *c, const struct order *order)
{
	c->syncing = true;
	c->sync_at = order->after;
	peer_reply_if_synced(c);
}

static void order_finish(struct connection *c, const struct order *order)
{
	(void)order;
	if (c->fd > 0)
		shutdown(c->fd, SHUT_WR);
	reply();
}

static void order_reset(struct connection *c, const struct order *order)
{
	struct linger now = {1, 0};

	(void)order;
	if (c->fd > 0) {
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		peer_finish(c, "dropped");
	}
	reply();
}

static void order_last(struct connection *c, const struct order *order)
{
	c->told = true;
	c->last = order->after;
	c->any = order->flags & END_ANY;
	peer_finish_if_done(c);
}

/* Orders about a connection that is there. */
static void (*const obeyed[])(struct connection *c, const struct order *order) = {
	[ORDER_ANSWER] = order_answer,
	[ORDER_PAUSE] = order_pause,
	[ORDER_SYNC] = order_sync,
	[ORDER_FINISH] = order_finish,
	[ORDER_RESET] = order_reset,
	[ORDER_LAST] = order_last,
};

static void expect(const struct order *order)
{
	struct queue *at = &queue[order->count];

	MUST(order->count < PEER_PORTS && at->expected < CONNECTIONS);
	at->number[at->expected++] = order->connection;
}

bool peer_obey(const struct stand *stand, int orders)
{
	struct order order;

	order_fd = orders;
	if (recv(orders, &order, sizeof(order), 0) != (ssize_t)sizeof(order))
		return false;
	MUST(order.connection < CONNECTIONS && order.verb <= ORDER_LAST);
	if (order.verb == ORDER_EXPECT) {
		expect(&order);
	} else if (order.verb == ORDER_DIAL) {
		dial(&order);
	} else {
		await(stand, order.connection);
		obeyed[order.verb](&connection[order.connection], &order);
	}
	return true;
}

bool peer_awaits(void)
{
	for (int i = 0; i < PEER_PORTS; i++)
		if (queue[i].accepted < queue[i].expected)
			return true;
	return false;
}
