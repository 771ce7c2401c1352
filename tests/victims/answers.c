/* answers VERB TURNS [TURNS]: a client whose peer answers each of its lines with a write of its own
 * (and so, with two lines a turn, in two), and what it does to TCP_QUICKACK itself. */
#include "tests/victims/victim.h"

static int fd, turns, more_turns;
static size_t each = 64; /* bytes that a read asks for, at most */

/* Until that much has come, in however many parts. */
static void take(size_t bytes)
{
	char text[64];

	while (bytes > 0) {
		ssize_t got = recv(fd, text, bytes < each ? bytes : each, 0);

		NEED(got > 0);
		bytes -= (size_t)got;
	}
}

static void two_lines(int times)
{
	for (int i = 0; i < times; i++) {
		say(fd, "one\ntwo\n");
		take(strlen("ok\nok\n"));
	}
	mark("%d turns", times);
}

static void one_line(int times)
{
	for (int i = 0; i < times; i++) {
		say(fd, "one\n");
		take(strlen("ok\n"));
	}
	mark("%d turns", times);
}

static void two_parts(void)
{
	fd = dial();
	two_lines(turns);
}

static void one_part(void)
{
	fd = dial();
	one_line(turns);
}

static void own_quickack(void)
{
	int off = 0;

	fd = dial();
	NEED(setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off)) == 0);
	two_lines(turns);
}

/* Answers in two parts, and then, between two raw calls, in one; each in many reads. */
static void byte_by_byte(void)
{
	each = 1;
	fd = dial();
	two_lines(turns);
	RAW3(SYS_getpgid, 0, 0, 0);
	one_line(more_turns);
	RAW3(SYS_getpgid, 0, 0, 0);
}

/* What one connection was taught serves the next. */
static void two_connections(void)
{
	fd = dial();
	two_lines(turns);
	NEED(close(fd) == 0);
	fd = dial();
	two_lines(more_turns);
}

static const struct verb verbs[] = {
	{"two-parts", two_parts},
	{"one-part", one_part},
	{"own-quickack", own_quickack},
	{"byte-by-byte", byte_by_byte},
	{"two-connections", two_connections},
};

int main(int argc, char **argv)
{
	turns = argc > 2 ? atoi(argv[2]) : 0;
	more_turns = argc > 3 ? atoi(argv[3]) : 0;
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
