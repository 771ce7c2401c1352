/* The library's TCP_NODELAY is nobody else's: a parent whose child used the connection, who gets it
 * by SCM_RIGHTS, and a sandbox find what they would without the library. */
#include "tests/helper/scenario.h"

#define USED "abc\nabc\n"

static struct scenario scenarios[] = {
	STORY("a forked child uses it and calls _exit", "lent", "child-_exit", USED, UNTRAINED),
	STORY("a forked child uses it and calls exit", "lent", "child-exit", USED, UNTRAINED),
	STORY("a forked child closes one of two names", "lent", "child-closes-one-name", USED USED,
		UNTRAINED),
	STORY("a forked child closes it, and ends unseen", "lent", "child-closes", USED, UNTRAINED),
	STORY("after a spawned program a forked child takes it anew", "lent", "anew-fork",
		USED USED, UNTRAINED),
	STORY("after a spawned program a child that nobody saw takes it anew", "lent",
		"anew-raw-fork", USED USED, UNTRAINED),
	STORY("a program by system uses it and returns", "lent", "program-system", USED, UNTRAINED),
	STORY("a program by posix_spawn uses it and returns", "lent", "program-spawn", USED,
		UNTRAINED),
	STORY("a program by vfork and exec uses it and returns", "lent", "program-vfork", USED,
		UNTRAINED),
	STORY("it is sent by sendmsg, and closed", "lent", "sent", USED, UNTRAINED),
	STORY("it is sent by sendmmsg, and closed", "lent", "sent-many", USED, UNTRAINED),
	STORY("it came by recvmsg, was used, and is closed", "lent", "borrowed", USED, UNTRAINED),
	STORY("a sandbox begins", "lent", "sandbox", USED "more\n", UNTRAINED),
	STORY("a sandbox begins unseen", "lent", "sandbox-unseen", USED "more\n", UNTRAINED),
};

int main(void)
{
	return scenarios_main("lent", scenarios, sizeof(scenarios) / sizeof(*scenarios));
}
