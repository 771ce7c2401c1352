/* The peer of a random program: one thread that waits for everything at once, so that no order of
 * the program's can make both sides wait for each other. Nothing is measured here. */
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/helper/must.h"

#define CONNECTIONS 1024
#define ANSWERS	    64
#define CHUNK	    65536
#define LAST_MS	    10000 /* after the program's end: a net, nothing is measured with it */

struct answer {
	uint64_t after, count;
};

struct connection {
	int fd; /* -1: not there yet, or closed */
	uint64_t came, sent, wrong_at;
	struct answer answer[ANSWERS]; /* a queue; those due are sent in order */
	unsigned answers;
	int64_t paused_until;
	uint64_t sync_at;
	bool syncing, wrong, told, any, eof;
	uint64_t last; /* what the program said that comes in all */
	const char *end;
};

static struct connection connection[CONNECTIONS];
static unsigned connections;

/* For each port, the numbers of connections in the order in which the program dials them. */
static struct queue {
	uint32_t number[CONNECTIONS];
	unsigned expected, accepted;
} queue[PEER_PORTS];

static int order_fd, record_fd;
static unsigned char chunk[CHUNK];

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

static int64_t now_ms(void)
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

static void finish(struct connection *c, const char *how)
{
	close(c->fd);
	c->fd = -1;
	c->end = how;
}

/* Who shuts his writing side may still read: the connection is kept until he says it is over. */
static void finish_if_done(struct connection *c)
{
	if (c->fd > 0 && c->eof && c->told)
		finish(c, "eof");
}

static void reply_if_synced(struct connection *c)
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

static void accept_at(const struct stand *stand, unsigned port)
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
				accept_at(stand, i);
	}
}

static void reset(struct connection *c)
{
	struct linger now = {1, 0};

	if (c->fd > 0) {
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		finish(c, "dropped");
	}
	reply();
}

static void obey(const struct stand *stand, const struct order *order)
{
	struct connection *c = &connection[order->connection];

	MUST(order->connection < CONNECTIONS);
	if (order->verb == ORDER_EXPECT) {
		MUST(order->count < PEER_PORTS);
		queue[order->count].number[queue[order->count].expected++] = order->connection;
		return;
	}
	if (order->verb == ORDER_DIAL) {
		dial(order);
		return;
	}
	await(stand, order->connection);
	switch (order->verb) {
	case ORDER_ANSWER:
		MUST(c->answers < ANSWERS);
		c->answer[c->answers++] = (struct answer){order->after, order->count};
		break;
	case ORDER_PAUSE:
		c->paused_until = now_ms() + (int64_t)order->count;
		break;
	case ORDER_SYNC:
		c->syncing = true;
		c->sync_at = order->after;
		reply_if_synced(c);
		break;
	case ORDER_FINISH:
		if (c->fd > 0)
			shutdown(c->fd, SHUT_WR);
		reply();
		break;
	case ORDER_RESET:
		reset(c);
		break;
	case ORDER_LAST:
		c->told = true;
		c->last = order->after;
		c->any = order->flags & END_ANY;
		finish_if_done(c);
		break;
	default:
		MUST(!"an order of that kind");
	}
}

static bool answer_due(const struct connection *c)
{
	return c->answers > 0 && c->came >= c->answer[0].after;
}

static void check(uint32_t number, struct connection *c, size_t got)
{
	for (size_t i = 0; i < got && !c->wrong; i++) {
		if (chunk[i] == byte_up(number, c->came + i))
			continue;
		c->wrong = true;
		c->wrong_at = c->came + i;
	}
	c->came += got;
}

static void take(uint32_t number, struct connection *c)
{
	int yes = 1;
	ssize_t got = recv(c->fd, chunk, sizeof(chunk), 0);

	if (got < 0 && errno == EAGAIN)
		return;
	if (got < 0) {
		finish(c, "reset");
		return;
	}
	if (got == 0) {
		c->eof = true;
		finish_if_done(c);
		return;
	}
	check(number, c, (size_t)got);
	/* No delayed ACKs, or a bare program would wait for them most of its time. Some
	 * connections have them nevertheless. */
	if (number % 16 != 5)
		setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof(yes));
}

static void give(uint32_t number, struct connection *c)
{
	while (c->fd > 0 && answer_due(c)) {
		size_t length = c->answer[0].count < CHUNK ? c->answer[0].count : CHUNK;
		ssize_t put;

		for (size_t i = 0; i < length; i++)
			chunk[i] = byte_down(number, c->sent + i);
		put = send(c->fd, chunk, length, MSG_NOSIGNAL);
		if (put < 0 && errno == EAGAIN)
			return;
		if (put < 0) {
			c->answers = 0;
			return;
		}
		c->sent += (uint64_t)put;
		c->answer[0].count -= (uint64_t)put;
		if (c->answer[0].count == 0)
			memmove(c->answer, c->answer + 1, --c->answers * sizeof(*c->answer));
	}
}

static void serve(uint32_t number, const struct pollfd *entry)
{
	struct connection *c = &connection[number];

	if (!c->eof && (entry->revents & (POLLIN | POLLHUP | POLLERR)))
		take(number, c);
	give(number, c);
	reply_if_synced(c);
}

/* What a connection waits for; how long, at most, in *wait. */
static short wanted(const struct connection *c, int64_t now, int *wait)
{
	short events = answer_due(c) ? POLLOUT : 0;

	if (c->eof)
		return events;
	if (c->paused_until <= now)
		return events | POLLIN;
	if (*wait < 0 || c->paused_until - now < *wait)
		*wait = (int)(c->paused_until - now);
	return events;
}

_Noreturn static void tell(void)
{
	for (unsigned i = 0; i < connections; i++) {
		const struct connection *c = &connection[i];

		if (c->wrong)
			dprintf(record_fd, "connection %u: byte %llu is wrong\n", i,
				(unsigned long long)c->wrong_at);
		if (c->fd == 0)
			dprintf(record_fd, "connection %u: never seen\n", i);
		else if (!c->told)
			dprintf(record_fd, "connection %u: the program did not end it\n", i);
		else if (!c->any && (c->came != c->last || strcmp(c->end, "eof") != 0))
			dprintf(record_fd, "connection %u: %llu bytes and %s, not %llu and eof\n",
				i, (unsigned long long)c->came, c->end,
				(unsigned long long)c->last);
		else if (c->any && c->came > c->last)
			dprintf(record_fd, "connection %u: more bytes than were written\n", i);
	}
	_exit(0);
}

static unsigned open_connections(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < connections; i++)
		count += connection[i].fd > 0;
	return count;
}

/* What is waited for: connections, ports, and the program's orders. */
struct waiting {
	struct pollfd entry[CONNECTIONS + PEER_PORTS + 1];
	uint32_t number[CONNECTIONS];
	unsigned count;
};

/* The orders stand last: a kernel that looks at the ports first cannot show a connection and not
 * the order that came before it. */
static void wait_for(const struct stand *stand, struct waiting *w, bool orders_end)
{
	int wait = orders_end ? 100 : -1;
	int64_t now = now_ms();
	bool idle;

	w->count = 0;
	for (unsigned i = 0; i < connections; i++) {
		if (connection[i].fd <= 0)
			continue;
		w->number[w->count] = i;
		w->entry[w->count].events = wanted(&connection[i], now, &wait);
		/* What is shut on both sides is always ready, for nothing. */
		idle = connection[i].eof && w->entry[w->count].events == 0;
		w->entry[w->count++].fd = idle ? -1 : connection[i].fd;
	}
	for (int i = 0; i < PEER_PORTS; i++)
		w->entry[w->count + i] = (struct pollfd){stand->listener[i], POLLIN, 0};
	w->entry[w->count + PEER_PORTS] = (struct pollfd){orders_end ? -1 : order_fd, POLLIN, 0};
	MUST(poll(w->entry, w->count + PEER_PORTS + 1, wait) >= 0);
}

/* One order; false at their end. */
static bool obey_next(const struct stand *stand)
{
	struct order order;

	if (recv(order_fd, &order, sizeof(order), 0) != (ssize_t)sizeof(order))
		return false;
	obey(stand, &order);
	return true;
}

static void turn(const struct stand *stand, bool *orders_end)
{
	static struct waiting w;

	wait_for(stand, &w, *orders_end);
	if (w.entry[w.count + PEER_PORTS].revents) {
		*orders_end = !obey_next(stand);
		return;
	}
	for (unsigned i = 0; i < PEER_PORTS; i++)
		if (w.entry[w.count + i].revents)
			accept_at(stand, i);
	for (unsigned i = 0; i < w.count; i++)
		serve(w.number[i], &w.entry[i]);
}

static bool awaits_any(void)
{
	for (int i = 0; i < PEER_PORTS; i++)
		if (queue[i].accepted < queue[i].expected)
			return true;
	return false;
}

_Noreturn void peer_serve(const struct stand *stand, int orders, int record)
{
	bool orders_end = false;
	int64_t deadline;

	order_fd = orders;
	record_fd = record;
	while (!orders_end)
		turn(stand, &orders_end);
	deadline = now_ms() + LAST_MS;
	while ((open_connections() > 0 || awaits_any()) && now_ms() < deadline)
		turn(stand, &orders_end);
	tell();
}
