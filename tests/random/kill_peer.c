/* The peer of a program that is killed: reads all that comes, checks each byte by its place, and
 * answers each turn by one byte. Nothing here waits for a time. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kills.h"
#include "tests/helper/must.h"

struct connection {
	int fd, link; /* -1: none; not known yet */
	uint64_t answered;
};

static struct connection connection[KILLED_LINKS];
static unsigned connections;

static void check(
	struct connection *c, const unsigned char *bytes, size_t length, struct killed_page *page)
{
	uint64_t at = atomic_load(&page->came[c->link]);

	for (size_t i = 0; i < length; i++)
		if (bytes[i] != killed_byte((unsigned)c->link, at + i) && !page->wrong[c->link])
			atomic_store(&page->wrong[c->link], at + i + 1);
	atomic_store(&page->came[c->link], at + length);
}

/* Its first byte is the connection's number. */
static size_t learn_number(struct connection *c, unsigned char first, struct killed_page *page)
{
	if (c->link >= 0)
		return 0;
	MUST(first < KILLED_LINKS && !page->seen[first]);
	c->link = first;
	atomic_store(&page->seen[first], 1);
	return 1;
}

static void answer(struct connection *c, const struct killed_page *page)
{
	uint64_t end = c->link >= 0 ? atomic_load(&page->turn_end[c->link]) : 0;

	if (end > c->answered && atomic_load(&page->came[c->link]) >= end) {
		c->answered = end;
		MUST(send(c->fd, "k", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 || errno == EPIPE ||
			errno == ECONNRESET || errno == EAGAIN);
	}
}

static void take(struct connection *c, struct killed_page *page)
{
	unsigned char bytes[65536];
	ssize_t got = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	size_t first;
	int yes = 1;

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		if (c->link >= 0 && got < 0)
			atomic_store(&page->reset[c->link], 1);
		close(c->fd);
		c->fd = -1;
		return;
	}
	/* No delayed ACKs, or programs without a mend would wait for them most of their time. */
	setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof(yes));
	first = learn_number(c, bytes[0], page);
	check(c, bytes + first, (size_t)got - first, page);
	answer(c, page);
}

static void take_connections(int listener)
{
	int fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		MUST(connections < KILLED_LINKS);
		connection[connections++] = (struct connection){.fd = fd, .link = -1};
	}
	/* One that was reset while it waited here. */
	MUST(errno == EAGAIN || errno == ECONNABORTED);
}

_Noreturn void kill_peer_serve(int listener, int end, struct killed_page *page)
{
	bool over = false;

	for (;;) {
		struct pollfd entry[KILLED_LINKS + 2];
		unsigned open = 0;

		for (unsigned i = 0; i < connections; i++) {
			open += connection[i].fd >= 0;
			entry[i] = (struct pollfd){connection[i].fd, POLLIN, 0};
		}
		entry[connections] = (struct pollfd){listener, POLLIN, 0};
		entry[connections + 1] = (struct pollfd){over ? -1 : end, POLLIN, 0};
		if (over && open == 0 && poll(entry + connections, 1, 0) == 0)
			exit(0);
		MUST(poll(entry, connections + 2, -1) > 0);
		over |= entry[connections + 1].revents != 0;
		for (unsigned i = 0, before = connections; i < before; i++)
			if (entry[i].revents)
				take(&connection[i], page);
		if (entry[connections].revents)
			take_connections(listener);
	}
}
