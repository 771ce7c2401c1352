/* far VERB [NUMBERS]: what shows on a long way only. Turns of small writes, a turn that is shorter
 * than those before it, and ends of connections with bytes under way.
 *
 * far turns TURNS WRITES BYTES: each turn so many writes of so many bytes, then an answer
 * far careful TURNS WRITES BYTES: the same without Nagle's algorithm
 * far shorter TURNS MICROSECONDS: turns of two writes, then one of one write after which it
 *   computes for so long before it reads
 * far probes TURNS: the same, and it polls without waiting until the answer is there
 * far paced WRITES BYTES MICROSECONDS: one way, and it computes for so long after each write
 * far half-closed | closed | lingers | resets LINES: so many lines, and then that end */
#include "tests/victims/victim.h"

#include "tests/helper/peer.h"

enum { BYTES_MOST = 8192 };

static int fd, first, second, third, kept;

/* All but the last write of a turn have no line's end in them. */
static void put(int bytes, char last)
{
	char text[BYTES_MOST];

	NEED(bytes > 0 && bytes <= BYTES_MOST);
	memset(text, 'x', sizeof(text));
	text[bytes - 1] = last;
	NEED(write(fd, text, (size_t)bytes) == bytes);
}

/* Before the read: what is unsent then is what the answer waits for. */
static void ask(void)
{
	kept += unsent(fd) > 0;
	NEED(hear(fd));
}

static void turns_of(int turns, int writes, int bytes)
{
	for (int turn = 0; turn < turns; turn++) {
		for (int i = 1; i < writes; i++)
			put(bytes, ' ');
		put(bytes, '\n');
		ask();
	}
}

static void turns(void)
{
	fd = dial();
	turns_of(first, second, third);
	mark("#kept %d", kept);
}

/* As careful programs do: bare, no turn of theirs waits. */
static void dial_without_nagle(void)
{
	const int yes = 1;

	fd = dial();
	NEED(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) == 0);
}

static void careful(void)
{
	dial_without_nagle();
	turns_of(first, second, third);
	mark("#kept %d", kept);
}

static void paced(void)
{
	char text[BYTES_MOST];

	NEED(second > 0 && second <= BYTES_MOST);
	fd = dial();
	for (uint64_t sent = 0; first > 0; first--) {
		for (int i = 0; i < second; i++)
			text[i] = (char)pattern_byte(sent++);
		NEED(write(fd, text, (size_t)second) == second);
		compute_for(third);
	}
}

static void shorter(void)
{
	long began;

	dial_without_nagle();
	turns_of(first, 2, 10);
	put(10, '\n');
	began = microseconds();
	mark("#held %d", unsent(fd) > 0);
	compute_for(second);
	mark("#waited %ld", microseconds() - began);
	NEED(hear(fd));
	mark("done");
}

static void probes(void)
{
	struct pollfd ready;
	int asked = 0;

	dial_without_nagle();
	ready = (struct pollfd){fd, POLLIN, 0};
	turns_of(first, 2, 10);
	put(10, '\n');
	mark("#held %d", unsent(fd) > 0);
	while (poll(&ready, 1, 0) == 0)
		if (++asked == 1)
			mark("#left %d", unsent(fd));
	mark("#asked %d", asked);
	NEED(hear(fd));
	mark("done");
}

/* ---- ends ---- */

/* Each line by two writes. */
static void lines(void)
{
	for (int i = 0; i < first; i++) {
		put(10, ' ');
		put(10, '\n');
	}
}

static void half_closed(void)
{
	fd = dial();
	lines();
	NEED(shutdown(fd, SHUT_WR) == 0);
	for (int i = 0; i < first; i++)
		NEED(hear(fd));
	mark("answered");
}

static void closed(void)
{
	fd = dial();
	lines();
	NEED(close(fd) == 0);
	mark("closed");
}

static void linger_for(int seconds)
{
	const struct linger linger = {1, seconds};

	fd = dial();
	NEED(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) == 0);
	lines();
	NEED(close(fd) == 0);
	mark("closed");
}

static void lingers(void)
{
	linger_for(10);
}

static void resets(void)
{
	linger_for(0);
}

static const struct verb verbs[] = {
	{"turns", turns},
	{"careful", careful},
	{"paced", paced},
	{"shorter", shorter},
	{"probes", probes},
	{"half-closed", half_closed},
	{"closed", closed},
	{"lingers", lingers},
	{"resets", resets},
};

int main(int argc, char **argv)
{
	first = argc > 2 ? atoi(argv[2]) : 0;
	second = argc > 3 ? atoi(argv[3]) : 0;
	third = argc > 4 ? atoi(argv[4]) : 0;
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
