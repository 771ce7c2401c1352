/* turns ADDRESS PORT turns|oneway WRITES SIZE plain|cork|writev|floor ms|times|pairs N: WRITES
 * times SIZE bytes to peer.c, N times or for N milliseconds. 'turns': each ends with one byte of
 * answer, on one connection, after some to learn in. 'oneway': each is a connection of its own (not
 * timed), and lasts until the peer has had all. plain: a write() each, and nothing else; cork and
 * writev: the program as its author could write it; floor: one write() of all. Prints microseconds,
 * microseconds of processor time, and data segments, a turn.
 *
 * pairs: 'oneway' in N rounds of pairs, a block each (pairs.h). Prints nanoseconds a write. */
#include <limits.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bench.h"
#include "pairs.h"
#include "tests/helper/must.h"

#define WARM_TURNS  12 /* the first 16 segments are acknowledged at once */
#define LEAST_TURNS 3

static int fd;
static size_t writes, size;
static char *bytes;
static struct iovec piece[IOV_MAX];

static void write_all(size_t length)
{
	MUST(via->write(fd, bytes, length) == (ssize_t)length);
}

static void plain(void)
{
	for (size_t i = 0; i < writes; i++)
		write_all(size);
}

static void cork(void)
{
	set_option(fd, IPPROTO_TCP, TCP_CORK, 1);
	plain();
	set_option(fd, IPPROTO_TCP, TCP_CORK, 0);
}

static void gather(void)
{
	for (size_t left = writes, now; left > 0; left -= now) {
		now = left < IOV_MAX ? left : IOV_MAX;
		MUST(writev(fd, piece, (int)now) == (ssize_t)(now * size));
	}
}

static void once(void)
{
	write_all(writes * size);
}

static void (*turn)(void);
static bool by_hand;
static const char *peer_address;
static uint16_t peer_port;

static void prepare(size_t count_of_writes, size_t of_bytes)
{
	writes = count_of_writes;
	size = of_bytes;
	bytes = must_realloc(NULL, writes * size);
	memset(bytes, 'x', writes * size);
	for (size_t i = 0; i < IOV_MAX; i++)
		piece[i] = (struct iovec){.iov_base = bytes, .iov_len = size};
}

static void (*way_of(const char *name))(void)
{
	static const struct {
		const char *name;
		void (*turn)(void);
	} ways[] = {{"plain", plain}, {"cork", cork}, {"writev", gather}, {"floor", once}};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (strcmp(name, ways[i].name) == 0)
			return ways[i].turn;
	MUST(!"a way to write");
	return NULL;
}

static double wall, cpu, segments;

/* Adds to the sums, or takes from them. */
static void count(int sign)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);

	MUST(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0);
	segments += sign * (double)info.tcpi_data_segs_out;
	cpu += sign * (double)time_of(CLOCK_PROCESS_CPUTIME_ID);
	wall += sign * (double)time_of(CLOCK_MONOTONIC);
}

static void begin(void)
{
	uint64_t each = writes * size;
	char byte;

	fd = connect_to(peer_address, peer_port);
	if (by_hand)
		set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	MUST(via->write(fd, &each, sizeof(each)) == sizeof(each) && via->read(fd, &byte, 1) == 1);
}

static void dialogue(void)
{
	char byte;

	turn();
	MUST(via->read(fd, &byte, 1) == 1);
}

static void stream(void)
{
	begin();
	count(-1);
	turn();
	via->shutdown(fd, SHUT_WR);
	MUST(via->read(fd, bytes, 1) == 1);
	count(1);
	close(fd);
}

/* A connection is seen by the library as a whole, or not at all. */
static double block(void *unused, int seen)
{
	(void)unused;
	via_choose(seen);
	wall = 0;
	stream();
	poll(NULL, 0, 0); /* what the thread had open is over */
	return wall / (double)writes;
}

static void stream_in_pairs(int rounds)
{
	static struct pairs pairs;
	double figures[PAIRS_FIGURES];

	pairs_run(&pairs, rounds, block, NULL);
	pairs_figures(&pairs, figures);
	pairs_print(figures);
}

int main(int argc, char **argv)
{
	uint64_t end;
	long least, turns = 0;
	bool one_way;

	MUST(argc == 9);
	peer_address = argv[1];
	peer_port = (uint16_t)atoi(argv[2]);
	one_way = strcmp(argv[3], "oneway") == 0;
	prepare(strtoul(argv[4], NULL, 10), strtoul(argv[5], NULL, 10));
	turn = way_of(argv[6]);
	by_hand = turn == gather || turn == once;
	if (strcmp(argv[7], "pairs") == 0) {
		MUST(one_way);
		stream_in_pairs(atoi(argv[8]));
		return 0;
	}
	least = one_way ? 1 : LEAST_TURNS;
	if (strcmp(argv[7], "times") == 0)
		least = atol(argv[8]);
	if (!one_way) {
		begin();
		for (int i = 0; i < WARM_TURNS; i++)
			dialogue();
		count(-1);
	}
	end = time_of(CLOCK_MONOTONIC);
	if (strcmp(argv[7], "ms") == 0)
		end += strtoull(argv[8], NULL, 10) * 1000000;
	while (turns < least || time_of(CLOCK_MONOTONIC) < end) {
		if (one_way)
			stream();
		else
			dialogue();
		turns++;
	}
	if (!one_way)
		count(1);
	printf("us %.3f\ncpu %.3f\nsegments %.3f\n", wall / 1e3 / (double)turns,
		cpu / 1e3 / (double)turns, segments / (double)turns);
	return 0;
}
