/* delay VERB TURNS: turns of two writes of a program that waits for nothing in between: what is
 * held of the first is let go by the deadline alone; and turns that end with a read. */
#include "tests/victims/victim.h"

static int turns;

/* It computes until the peer has the first part. */
static void compute(void)
{
	int fd = dial();
	size_t bytes = 0;

	for (int i = 0; i < turns; i++) {
		say(fd, "half ");
		RAW3(SYS_getpgid, 0, 0, 0); /* for who watches: now it may be held */
		bytes += strlen("half ");
		compute_until_received(bytes);
		say(fd, "whole\n");
		bytes += strlen("whole\n");
		NEED(hear(fd));
	}
	mark("%zu bytes", bytes);
}

static void two_writes(void)
{
	int fd = dial();

	for (int i = 0; i < turns; i++) {
		say(fd, "half ");
		say(fd, "whole\n");
		NEED(hear(fd));
	}
	mark("done");
}

static const struct verb verbs[] = {
	{"compute", compute},
	{"two-writes", two_writes},
};

int main(int argc, char **argv)
{
	page_of_harness();
	turns = argc > 2 ? atoi(argv[2]) : 0;
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
