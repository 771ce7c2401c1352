/* For victims that are their own peer: both ends of a connection, what went through it, and the
 * numbers behind the verb. */
#ifndef VICTIM_PAIR_H
#define VICTIM_PAIR_H

#include "tests/victims/victim.h"

static char **words;
static int given;

static inline int number(int index)
{
	return index < given ? atoi(words[index]) : 0;
}

static int listener;
static struct sockaddr_in own = {.sin_family = AF_INET};

static inline void begin_listening(void)
{
	socklen_t length = sizeof(own);

	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	own.sin_port = 0;
	NEED((listener = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	NEED(bind(listener, (struct sockaddr *)&own, length) == 0);
	NEED(listen(listener, 128) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&own, &length) == 0);
}

struct pair {
	int client, server;
};

static inline struct pair pair_make(void)
{
	struct pair pair;

	NEED((pair.client = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	NEED(connect(pair.client, (struct sockaddr *)&own, sizeof(own)) == 0);
	NEED((pair.server = accept(listener, NULL, NULL)) >= 0);
	return pair;
}

static inline void pair_close(struct pair pair)
{
	NEED(close(pair.client) == 0 && close(pair.server) == 0);
}

/* Sum of what came: bytes are not lost, repeated or changed. */
static inline long exchange(struct pair pair, int times)
{
	long sum = 0;

	for (int i = 0; i < times; i++) {
		unsigned char byte = (unsigned char)i;

		NEED(write(pair.client, &byte, 1) == 1);
		NEED(recv(pair.server, &byte, 1, 0) == 1);
		sum = sum * 31 + byte;
	}
	return sum;
}

#endif
