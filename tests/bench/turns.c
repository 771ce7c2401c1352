/* turns ADDRESS PORT turns|oneway WRITES SIZE plain|cork|writev|floor ms|times N: WRITES times SIZE
 * bytes to peer.c, N times or for N milliseconds. 'turns': each ends with one byte of answer, on
 * one connection, after some to learn in. 'oneway': each is a connection of its own (not timed),
 * and lasts until the peer has had all. plain: a write() each, and nothing else; cork and writev:
 * the program as its author could write it; floor: one write() of all. Prints microseconds,
 * microseconds of processor time, and data segments, a turn. */
#include <limits.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bench.h"
#include "tests/helper/must.h"

#define WARM_TURNS  12 /* the first 16 segments are acknowledged at once */
#define LEAST_TURNS 3

static int fd;
static size_t writes, size;
static char *bytes;
static struct iovec piece[IOV_MAX];

static void write_all(size_t length)
{
	MUST(write(fd, bytes, length) == (ssize_t)length);
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

static void begin(const char *address, uint16_t port, bool by_hand)
{
	uint64_t each = writes * size;
	char byte;

	fd = connect_to(address, port);
	if (by_hand)
		set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	MUST(write(fd, &each, sizeof(each)) == sizeof(each) && read(fd, &byte, 1) == 1);
}

static void dialogue(void)
{
	char byte;

	turn();
	MUST(read(fd, &byte, 1) == 1);
}

static void stream(const char *address, uint16_t port, bool by_hand)
{
	begin(address, port, by_hand);
	count(-1);
	turn();
	shutdown(fd, SHUT_WR);
	MUST(read(fd, bytes, 1) == 1);
	count(1);
	close(fd);
}

int main(int argc, char **argv)
{
	uint64_t end;
	long least, turns = 0;
	bool one_way, by_hand;
	uint16_t port;

	MUST(argc == 9);
	port = (uint16_t)atoi(argv[2]);
	one_way = strcmp(argv[3], "oneway") == 0;
	prepare(strtoul(argv[4], NULL, 10), strtoul(argv[5], NULL, 10));
	turn = way_of(argv[6]);
	by_hand = turn == gather || turn == once;
	least = one_way ? 1 : LEAST_TURNS;
	if (strcmp(argv[7], "times") == 0)
		least = atol(argv[8]);
	if (!one_way) {
		begin(argv[1], port, by_hand);
		for (int i = 0; i < WARM_TURNS; i++)
			dialogue();
		count(-1);
	}
	end = time_of(CLOCK_MONOTONIC);
	if (strcmp(argv[7], "ms") == 0)
		end += strtoull(argv[8], NULL, 10) * 1000000;
	while (turns < least || time_of(CLOCK_MONOTONIC) < end) {
		if (one_way)
			stream(argv[1], port, by_hand);
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
