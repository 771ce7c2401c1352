/* A recording peer in threads: one accepts, one reads each connection.
 *
 * All state is behind one lock; a condition tells waiters that something came. It must not set
 * socket options but as its plan says: how an ordinary peer acknowledges is part of what is tested.
 */
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

struct connection {
	struct peer *peer;
	int fd;
	pthread_t thread;
	char *bytes;
	size_t length, room, answered, lines;
	bool wrong;
	enum peer_end end;
};

struct peer {
	struct peer_plan plan;
	int listener, port, family;
	pthread_t acceptor;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int connections;
	struct connection connection[PEER_CONNECTIONS];
};

static void store(struct connection *c, const char *bytes, size_t length)
{
	if (c->peer->plan.pattern) {
		for (size_t i = 0; i < length; i++)
			c->wrong |= (unsigned char)bytes[i] != pattern_byte(c->length + i);
		c->length += length;
		return;
	}
	if (c->length + length + 1 > c->room) {
		c->room = (c->length + length + 1) * 2;
		c->bytes = must_realloc(c->bytes, c->room);
	}
	memcpy(c->bytes + c->length, bytes, length);
	c->length += length;
	c->bytes[c->length] = 0;
	for (size_t i = 0; i < length; i++)
		c->lines += bytes[i] == '\n';
}

/* How many answers are owed for what has come so far. */
static size_t answers_due(const struct connection *c)
{
	if (c->peer->plan.answer_lines)
		return c->lines;
	return c->peer->plan.answer_every ? c->length / c->peer->plan.answer_every : 0;
}

/* The kernel forgets it again and again (tcp(7)). */
static void acknowledge(const struct connection *c)
{
	const int yes = 1;

	if (c->peer->plan.quick)
		setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof(yes));
}

static void answer(const struct connection *c)
{
	const size_t first = c->peer->plan.in_parts ? 2 : 3;

	(void)!send(c->fd, "ok\n", first, MSG_NOSIGNAL);
	if (first < 3)
		(void)!send(c->fd, "\n", 1, MSG_NOSIGNAL);
}

static void *read_connection(void *argument)
{
	struct connection *c = argument;
	struct peer *peer = c->peer;
	static const size_t room = 1 << 18;
	char *buffer = must_realloc(NULL, room);
	ssize_t got;
	size_t due;

	while (acknowledge(c), (got = recv(c->fd, buffer, room, 0)) > 0) {
		acknowledge(c);
		pthread_mutex_lock(&peer->lock);
		store(c, buffer, (size_t)got);
		due = answers_due(c) - c->answered;
		c->answered += due;
		if (peer->plan.page && c == &peer->connection[0])
			atomic_store(&peer->plan.page->received, c->length);
		pthread_cond_broadcast(&peer->changed);
		pthread_mutex_unlock(&peer->lock);
		for (size_t i = 0; i < due; i++) {
			usleep(i > 0 ? peer->plan.pause_us : peer->plan.think_us);
			answer(c);
		}
	}
	pthread_mutex_lock(&peer->lock);
	c->end = got == 0 ? PEER_EOF : PEER_RESET;
	pthread_cond_broadcast(&peer->changed);
	pthread_mutex_unlock(&peer->lock);
	free(buffer);
	return NULL;
}

static void add_connection(struct peer *peer, int fd)
{
	struct connection *c;

	pthread_mutex_lock(&peer->lock);
	MUST(peer->connections < PEER_CONNECTIONS);
	c = &peer->connection[peer->connections];
	c->peer = peer;
	c->fd = fd;
	MUST(pthread_create(&c->thread, NULL, read_connection, c) == 0);
	peer->connections++;
	pthread_cond_broadcast(&peer->changed);
	pthread_mutex_unlock(&peer->lock);
}

static void *accept_all(void *argument)
{
	struct peer *peer = argument;
	int fd;

	while ((fd = accept4(peer->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		add_connection(peer, fd);
	return NULL;
}

static void listen_here(struct peer *peer)
{
	const char *text = peer->plan.address ? peer->plan.address : "127.0.0.1";
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr *address = (struct sockaddr *)&v4;
	socklen_t length = sizeof(v4);

	if (inet_pton(AF_INET, text, &v4.sin_addr) != 1) {
		MUST(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
		address = (struct sockaddr *)&v6;
		length = sizeof(v6);
	}
	peer->family = address->sa_family;
	peer->listener = socket(peer->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	MUST(peer->listener >= 0);
	MUST(bind(peer->listener, address, length) == 0);
	MUST(listen(peer->listener, 256) == 0);
	MUST(getsockname(peer->listener, address, &length) == 0);
	peer->port = ntohs(peer->family == AF_INET ? v4.sin_port : v6.sin6_port);
}

/* A socket belongs to the namespace that its thread was in when it was made. */
static void *listen_in_namespace(void *argument)
{
	struct peer *peer = argument;

	MUST(setns(peer->plan.netns, CLONE_NEWNET) == 0);
	listen_here(peer);
	return NULL;
}

struct peer *peer_start(const struct peer_plan *plan)
{
	struct peer *peer = must_realloc(NULL, sizeof(*peer));
	pthread_condattr_t attributes;
	pthread_t thread;

	memset(peer, 0, sizeof(*peer));
	peer->plan = *plan;
	pthread_mutex_init(&peer->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&peer->changed, &attributes);
	if (plan->netns > 0) {
		MUST(pthread_create(&thread, NULL, listen_in_namespace, peer) == 0);
		pthread_join(thread, NULL);
	} else {
		listen_here(peer);
	}
	MUST(pthread_create(&peer->acceptor, NULL, accept_all, peer) == 0);
	return peer;
}

int peer_port(const struct peer *peer)
{
	return peer->port;
}

void peer_join(struct peer *peer, int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (peer->plan.joins)
		MUST(inet_pton(AF_INET, peer->plan.joins, &to.sin_addr) == 1);
	MUST(fd >= 0);
	MUST(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	add_connection(peer, fd);
}

/* One wait for all: until connection `index` has `bytes`, or has ended. Called with the lock. */
static void wait_until(struct peer *peer, int index, size_t bytes)
{
	struct connection *c = &peer->connection[index];
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += MUST_SECONDS;
	while (index >= peer->connections || (c->length < bytes && c->end == PEER_OPEN))
		if (pthread_cond_timedwait(&peer->changed, &peer->lock, &deadline) == ETIMEDOUT)
			break;
}

bool peer_wait(struct peer *peer, int index, size_t bytes)
{
	bool came;

	pthread_mutex_lock(&peer->lock);
	wait_until(peer, index, bytes);
	came = index < peer->connections && peer->connection[index].length >= bytes;
	pthread_mutex_unlock(&peer->lock);
	return came;
}

enum peer_end peer_wait_end(struct peer *peer, int index)
{
	enum peer_end end;

	pthread_mutex_lock(&peer->lock);
	wait_until(peer, index, SIZE_MAX);
	end = peer->connection[index].end;
	pthread_mutex_unlock(&peer->lock);
	return end;
}

const char *peer_bytes(struct peer *peer, int index, size_t *length)
{
	const char *bytes;

	pthread_mutex_lock(&peer->lock);
	bytes = peer->connection[index].bytes;
	*length = peer->connection[index].length;
	pthread_mutex_unlock(&peer->lock);
	return bytes ? bytes : "";
}

size_t peer_received(struct peer *peer, int index, bool *right)
{
	size_t length;

	pthread_mutex_lock(&peer->lock);
	length = peer->connection[index].length;
	*right = !peer->connection[index].wrong;
	pthread_mutex_unlock(&peer->lock);
	return length;
}

void peer_say(struct peer *peer, int index, const char *text)
{
	int fd = -1;

	pthread_mutex_lock(&peer->lock);
	if (index < peer->connections)
		fd = peer->connection[index].fd;
	pthread_mutex_unlock(&peer->lock);
	if (fd >= 0)
		(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

uint32_t peer_segments(struct peer *peer, int index)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);

	MUST(index < peer->connections);
	MUST(getsockopt(peer->connection[index].fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0);
	return info.tcpi_data_segs_in;
}

void peer_stop(struct peer *peer)
{
	shutdown(peer->listener, SHUT_RDWR);
	pthread_join(peer->acceptor, NULL);
	close(peer->listener);
	for (int i = 0; i < peer->connections; i++) {
		shutdown(peer->connection[i].fd, SHUT_RDWR);
		pthread_join(peer->connection[i].thread, NULL);
		close(peer->connection[i].fd);
		free(peer->connection[i].bytes);
	}
	free(peer);
}
