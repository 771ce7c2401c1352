/* relay ADDRESS PORT MILLISECONDS: passes connections on to that port, so much later each way, for
 * kernels without netem. It takes a free port of 127.0.0.1. A relay ends the TCP connection: bytes
 * take their time, acknowledgements come at once. Serves until its standard input ends. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "tests/helper/must.h"

#define PIECE (64 * 1024)

struct piece {
	struct piece *next;
	uint64_t due;
	ssize_t length; /* 0: the end */
	char bytes[];
};

/* One way of a connection. */
struct way {
	int from, to;
	bool ended;
	struct piece *first, **last;
};

static const char *address;
static uint16_t port;
static uint64_t delay;

static void take(struct way *way)
{
	static __thread char bytes[PIECE];
	ssize_t got = read(way->from, bytes, PIECE);
	struct piece *piece = must_realloc(NULL, sizeof(*piece) + PIECE);

	*piece = (struct piece){
		.due = time_of(CLOCK_MONOTONIC) + delay, .length = got > 0 ? got : 0};
	memcpy(piece->bytes, bytes, (size_t)piece->length);
	way->ended = got <= 0;
	*way->last = piece;
	way->last = &piece->next;
}

static bool give(struct way *way)
{
	struct piece *piece = way->first;
	bool more = piece->length > 0;

	for (ssize_t done = 0, got; more && done < piece->length; done += got)
		if ((got = write(way->to, piece->bytes + done, (size_t)(piece->length - done))) <=
			0)
			more = false;
	way->first = piece->next;
	if (!way->first)
		way->last = &way->first;
	free(piece);
	return more;
}

static void *pass(void *argument)
{
	struct way *way = argument;
	bool more = true;

	prctl(PR_SET_TIMERSLACK, 1UL);
	way->last = &way->first;
	while (more) {
		struct pollfd wait = {.fd = way->ended ? -1 : way->from, .events = POLLIN};
		uint64_t now = time_of(CLOCK_MONOTONIC), left = 3600 * 1000000000ULL;

		if (way->first)
			left = way->first->due > now ? way->first->due - now : 0;
		if (left > 0 && ppoll(&wait, 1,
					&(struct timespec){.tv_sec = (time_t)(left / 1000000000),
						.tv_nsec = (long)(left % 1000000000)},
					NULL) == 1)
			take(way);
		else if (way->first)
			more = give(way);
	}
	shutdown(way->to, SHUT_WR);
	return NULL; /* the descriptors end with the process: the other way may still use them */
}

static void start_way(int from, int to)
{
	struct way *way = must_realloc(NULL, sizeof(*way));

	*way = (struct way){.from = from, .to = to};
	set_option(to, IPPROTO_TCP, TCP_NODELAY, 1);
	go(pass, way);
}

int main(int argc, char **argv)
{
	uint16_t near_port;
	int listener, near;

	MUST(argc == 4);
	address = argv[1];
	port = (uint16_t)atoi(argv[2]);
	delay = strtoull(argv[3], NULL, 10) * 1000000;
	listener = listen_at("127.0.0.1", &near_port);
	serve_as(near_port);
	while ((near = accept(listener, NULL, NULL)) >= 0) {
		int far = connect_to(address, port);

		start_way(near, far);
		start_way(far, near);
	}
	return 1;
}
