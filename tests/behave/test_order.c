/* The peer has every byte, in order, before the next thing that the program does. */
#include "tests/helper/scenario.h"

#define TURNS "ab\nab\nab\nab\nab\nab\nab\nab\n"

static struct scenario scenarios[] = {
	STORY("a reader is parked in read before the writer writes; the writer joins it", "readers",
		"reader-join", "one line\n", HOLDS | SLEEPS),
	STORY("a reader is parked in read before the writer writes; the writer computes", "readers",
		"reader-spin", "one line\n", HOLDS),
	STORY("a reader is parked in read before the writer writes twice", "readers",
		"reader-two-writes", "two writes\n", 0),
	STORY("a writer computes after its write", "order", "compute", "then it computes\n", HOLDS),
	STORY("a writer calls getrusage after its write until the peer has it", "order",
		"compute-getrusage", "then it computes\n", HOLDS),
	STORY("a write to A, then a read from B", "sockets", "two-sockets", "written to A\n",
		HOLDS | SLEEPS),
	STORY("a write to A, then a poll for B", "sockets", "two-sockets-poll", "written to A\n",
		HOLDS | SLEEPS),
	STORY("a write on a duplicate, then a wait", "sockets", "dup-write",
		"on the copy, on the first\n", HOLDS | SLEEPS),
	STORY("turns written on two descriptors of one socket", "sockets", "dup-turns", TURNS,
		UNTRAINED),
	STORY("a write, then one of its two descriptors is closed", "sockets", "dup-close-first",
		"closed, not gone\n", HOLDS | SLEEPS),
	STORY("a select for writability before each write", "order", "probe-select", TURNS,
		UNTRAINED),
	STORY("a poll for writability before each write", "order", "probe-poll", TURNS, UNTRAINED),
	STORY("a write, then polls with no timeout until the answer is there", "order",
		"probe-zero", "line\n", HOLDS),
	STORY("a write of nothing is the last of the turn, then a wait", "order", "zero-last",
		"before nothing\n", HOLDS | SLEEPS),
	STORY("a send of nothing is the last of the turn, then computing", "order",
		"zero-last-spin", "before nothing", HOLDS),
	STORY("a write that fails is the last of the turn, then computing", "order", "failing-last",
		"before EFAULT", HOLDS),
	STORY("the thread that wrote ends, the other computes", "readers", "thread-ends",
		"a thread was here", HOLDS),
	STORY("24 flows are held by one thread, then it waits", "sockets", "many-flows",
		"ab\nhalf\n", HOLDS | SLEEPS),
	STORY("a write, then a name is looked up", "order", "name-lookup", "looked up", HOLDS),
	STORY("a write, then another connection is made", "sockets", "other-connect",
		"then connects", HOLDS | SLEEPS),
	STORY("a write, then another connection is accepted", "sockets", "other-accept",
		"then accepts", HOLDS | SLEEPS),
};

int main(void)
{
	return scenarios_main("order", scenarios, sizeof(scenarios) / sizeof(*scenarios));
}
