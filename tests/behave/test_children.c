/* Children that no fork handler announces, forks and vforks beside other threads, and programs that
 * inherit a connection: nobody hangs, every byte leaves, and the next program finds TCP_NODELAY as
 * this one had it. */
#include "tests/helper/scenario.h"

#define CHILD "parent,child forks, unshares\nand parent\n"
#define NEXT  "next program speaks\n"
#define DOTS  "........................................"

static struct scenario scenarios[] = {
	STORY("a child by _Fork", "children", "_Fork", CHILD, UNTRAINED),
	STORY("a child by clone", "children", "clone", CHILD, UNTRAINED),
	STORY("a child by the system call clone", "children", "SYS_clone", CHILD, UNTRAINED),
	STORY("a child by the system call fork", "children", "SYS_fork", CHILD, UNTRAINED),
	STORY("a child by the system call clone3", "children", "SYS_clone3", CHILD, UNTRAINED),
	STORY("a thread is cancelled before it forks", "children", "cancelled-fork",
		"thread,main,again\n", UNTRAINED),
	STORY("a vfork child exits while another thread holds", "children", "vfork-exit",
		"held, and all\n", HOLDS | SLEEPS),
	STORY("a vfork child execs while another thread holds", "children", "vfork-exec",
		"held, and all\n", HOLDS | SLEEPS),
	STORY("exec after turns that were joined", "children", "exec-turns", NEXT, 0),
	STORY("exec after a stream", "children", "exec-stream", DOTS NEXT, UNTRAINED),
	STORY("exec with a TCP_NODELAY of its own", "children", "exec-own", NEXT, 0),
	STORY("exec of a program without the library", "children", "exec-alone", NEXT, 0),
	STORY("exec by syscall()", "children", "exec-syscall", NEXT, 0),
	STORY("an exec that fails, and the next turn", "children", "exec-fails", "after all\n",
		HOLDS),
	STORY("a server that forks and execs, as inetd", "children", "inetd", NEXT, UNTRAINED),
	STORY("the same in the place of a connection that was set", "children", "inetd-later", NEXT,
		UNTRAINED),
	STORY("a forked child execs, and its parent writes on", "children", "child-execs",
		"one, two, three\n", HOLDS | SLEEPS),
};

int main(void)
{
	return scenarios_main("children", scenarios, sizeof(scenarios) / sizeof(*scenarios));
}
