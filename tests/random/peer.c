/* The peer of a random program: one thread that waits for everything at once, so that no order of
 * the program's can make both sides wait for each other. Nothing is measured here. */
#include "peer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer_inside.h"
#include "tests/helper/must.h"

#define CHUNK	65536
#define LAST_MS 10000 /* after the program's end: a net, nothing is measured with it */

static int order_fd, record_fd;
static unsigned char chunk[CHUNK];

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
		peer_finish(c, "reset");
		return;
	}
	if (got == 0) {
		c->eof = true;
		peer_finish_if_done(c);
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
	peer_reply_if_synced(c);
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
	int64_t now = peer_now();
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

static void turn(const struct stand *stand, bool *orders_end)
{
	static struct waiting w;

	wait_for(stand, &w, *orders_end);
	if (w.entry[w.count + PEER_PORTS].revents) {
		*orders_end = !peer_obey(stand, order_fd);
		return;
	}
	for (unsigned i = 0; i < PEER_PORTS; i++)
		if (w.entry[w.count + i].revents)
			peer_accept(stand, i);
	for (unsigned i = 0; i < w.count; i++)
		serve(w.number[i], &w.entry[i]);
}

_Noreturn void peer_serve(const struct stand *stand, int orders, int record)
{
	bool orders_end = false;
	int64_t deadline;

	order_fd = orders;
	record_fd = record;
	while (!orders_end)
		turn(stand, &orders_end);
	deadline = peer_now() + LAST_MS;
	while ((open_connections() > 0 || peer_awaits()) && peer_now() < deadline)
		turn(stand, &orders_end);
	tell();
}
