/* The frame of the servers: listening, a thread a connection, recording, counting. What they say
 * is in talk_protocol.c. No socket option may be set here: how an ordinary peer acknowledges is
 * part of what is tested. */
#include "talk.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "must.h"
#include "talk_inside.h"

#define CONNECTIONS_MAX 64

struct talk {
	enum talk_kind kind;
	int listener, port, relay_port;
	pthread_t acceptor;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned connections; /* since the last talk_take() */
	struct talk_connection *connection[CONNECTIONS_MAX];
};

bool talk_read(int fd, struct talk_side *side)
{
	if (side->length + 65536 + 1 > side->room) {
		side->room = (side->length + 65536 + 1) * 2;
		side->bytes = must_realloc(side->bytes, side->room);
	}
	ssize_t got = read(fd, side->bytes + side->length, 65536);
	if (got <= 0)
		return false;
	side->length += (size_t)got;
	side->bytes[side->length] = 0;
	return true;
}

bool talk_write(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t done = send(fd, bytes, length, MSG_NOSIGNAL);
		if (done <= 0)
			return false;
		bytes += done;
		length -= (size_t)done;
	}
	return true;
}

void talk_count(int fd, struct talk_side *side)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);

	MUST(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0);
	side->segments = info.tcpi_data_segs_in;
	side->acks = info.tcpi_segs_out - info.tcpi_data_segs_out;
}

int talk_relay_port(const struct talk *talk)
{
	return talk->relay_port;
}

static void *serve(void *argument)
{
	struct talk_connection *c = argument;
	struct talk *talk = c->talk;

	talk_protocol_table[talk->kind](c);
	/* A client may close in two steps: everything until its end belongs to the record. */
	while (talk_read(c->fd, &c->in))
		;
	talk_count(c->fd, &c->in);
	close(c->fd);
	pthread_mutex_lock(&talk->lock);
	c->ended = true;
	pthread_cond_broadcast(&talk->changed);
	pthread_mutex_unlock(&talk->lock);
	return NULL;
}

static void *accept_all(void *argument)
{
	struct talk *talk = argument;
	pthread_attr_t detached;
	pthread_t thread;
	int fd;

	MUST(pthread_attr_init(&detached) == 0);
	MUST(pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED) == 0);
	while ((fd = accept4(talk->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		struct talk_connection *c = must_realloc(NULL, sizeof(*c));
		*c = (struct talk_connection){.talk = talk, .fd = fd};
		pthread_mutex_lock(&talk->lock);
		MUST(talk->connections < CONNECTIONS_MAX);
		talk->connection[talk->connections++] = c;
		pthread_mutex_unlock(&talk->lock);
		MUST(pthread_create(&thread, &detached, serve, c) == 0);
	}
	pthread_attr_destroy(&detached);
	return NULL;
}

struct talk *talk_start(enum talk_kind kind)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(name);
	struct talk *talk = must_realloc(NULL, sizeof(*talk));

	*talk = (struct talk){.kind = kind,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER};
	talk->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	MUST(talk->listener >= 0);
	MUST(bind(talk->listener, (struct sockaddr *)&name, size) == 0);
	MUST(listen(talk->listener, 64) == 0);
	MUST(getsockname(talk->listener, (struct sockaddr *)&name, &size) == 0);
	talk->port = ntohs(name.sin_port);
	MUST(pthread_create(&talk->acceptor, NULL, accept_all, talk) == 0);
	return talk;
}

struct talk *talk_relay(int port)
{
	struct talk *talk = talk_start(TALK_RELAY);

	talk->relay_port = port;
	return talk;
}

int talk_port(const struct talk *talk)
{
	return talk->port;
}

static void join(char **to, size_t *length, const struct talk_side *side)
{
	*to = must_realloc(*to, *length + side->length + 1);
	if (side->length > 0)
		memcpy(*to + *length, side->bytes, side->length);
	*length += side->length;
	(*to)[*length] = 0;
}

static bool all_ended(const struct talk *talk)
{
	for (unsigned i = 0; i < talk->connections; i++) {
		if (!talk->connection[i]->ended)
			return false;
	}
	return talk->connections > 0;
}

void talk_take(struct talk *talk, struct talk_record *record)
{
	struct timespec deadline;

	*record = (struct talk_record){0};
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += MUST_SECONDS;
	pthread_mutex_lock(&talk->lock);
	while (!all_ended(talk)) {
		errno = pthread_cond_timedwait(&talk->changed, &talk->lock, &deadline);
		MUST(errno == 0);
	}
	for (unsigned i = 0; i < talk->connections; i++) {
		struct talk_connection *c = talk->connection[i];
		join(&record->bytes, &record->length, &c->in);
		join(&record->back, &record->back_length, &c->back);
		record->segments += c->in.segments;
		record->acks += c->in.acks;
		record->back_segments += c->back.segments;
		record->back_acks += c->back.acks;
		record->turns += c->turns;
		free(c->in.bytes);
		free(c->back.bytes);
		free(c);
	}
	record->connections = talk->connections;
	talk->connections = 0;
	pthread_mutex_unlock(&talk->lock);
}

void talk_record_free(struct talk_record *record)
{
	free(record->bytes);
	free(record->back);
}

void talk_stop(struct talk *talk)
{
	shutdown(talk->listener, SHUT_RDWR);
	MUST(pthread_join(talk->acceptor, NULL) == 0);
	close(talk->listener);
	MUST(talk->connections == 0);
	pthread_cond_destroy(&talk->changed);
	pthread_mutex_destroy(&talk->lock);
	free(talk);
}

int talk_free_port(void)
{
	struct talk *talk = talk_start(TALK_LINES);
	int port = talk_port(talk);

	talk_stop(talk);
	return port;
}
