/* What calls.c measures: a thread's descriptors, and the rows, a call each. */
#ifndef BENCH_CALLS_ROWS_H
#define BENCH_CALLS_ROWS_H

#include <poll.h>
#include <stddef.h>

#define MANY 10000

struct pair {
	int here, there;
};

/* One thread's descriptors. */
struct seat {
	int null, zero, epoll;
	struct pair pipe, idle, udp, local, read, turn, polled, stream;
	int names[512]; /* of /dev/null, to be closed */
	struct pollfd polls[MANY];
	size_t made;
};

struct row {
	const char *name;
	void (*call)(struct seat *seat);
	void (*before)(struct seat *seat, size_t calls); /* a round; not timed */
	size_t most;					 /* calls a round */
};

/* The row of that name. */
const struct row *row_called(const char *name);

/* Opens all that a thread needs. */
void sit_down(struct seat *seat);

#endif
