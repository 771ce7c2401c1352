/* vfork children, spawned programs, handlers, cancelled threads and jumps leave the library, and
 * the program's connections, as they were. */
#include "tests/helper/scenario.h"

#define AFTER "after all\n"

static struct scenario scenarios[] = {
	STORY("a vfork child closes and replaces the parent's sockets, then execs", "life",
		"vfork-closes", AFTER, HOLDS),
	STORY("a vfork child closes the parent's socket and exits", "life", "vfork-exits", AFTER,
		HOLDS),
	STORY("posix_spawn with a close among its actions", "life", "spawn-closes", AFTER, HOLDS),
	STORY("popen of a shell that closes the socket", "life", "popen-closes", AFTER, HOLDS),
	STORY("a forked child closes the socket", "life", "fork-closes", AFTER, HOLDS),
	STORY("readers are cancelled in read", "life", "cancel-reader", AFTER, HOLDS),
	STORY("writers are cancelled in write", "life", "cancel-writer", AFTER, HOLDS | UNBUFFERED),
	STORY("a handler jumps out of a read", "life", "jump-out", AFTER, HOLDS),
	STORY("a handler jumps out of a poll", "life", "jump-out-of-poll", AFTER, HOLDS),
	STORY("a handler jumps out of a blocked write", "life", "jump-out-of-write", AFTER, HOLDS),
};

int main(void)
{
	return scenarios_main("life", scenarios, sizeof(scenarios) / sizeof(*scenarios));
}
