/* However a connection, a descriptor, a process or a program ends: the peer has what was written.
 */
#include "tests/helper/scenario.h"

#define LAST "last words."
#define NEXT "last words.next program speaks\n"

static struct scenario scenarios[] = {
	STORY("close after a held write", "ends", "close", LAST, HOLDS),
	STORY("close_range over the socket", "ends", "close_range", LAST, HOLDS),
	STORY("close_range that only marks for exec", "ends", "close_range-cloexec", LAST, HOLDS),
	STORY("closefrom over the socket", "ends", "closefrom", LAST, HOLDS),
	STORY("dup2 over the socket", "ends", "dup2", LAST, HOLDS),
	STORY("dup3 over the socket", "ends", "dup3", LAST, HOLDS),
	STORY("shutdown, then the answer is read", "ends", "shutdown", "last words\n",
		HOLDS | UNBUFFERED),
	STORY("linger 0 is set after a held write, and the peer has it", "ends", "linger", LAST,
		HOLDS | RESETS),
	STORY("linger 0 is set after a held write and the socket closed at once", "ends",
		"linger-at-once", LAST, HOLDS | RESETS),
	STORY("on a socket with linger 0 nothing is held", "ends", "lingering-socket", LAST,
		UNHELD | RESETS),
	STORY("main returns", "ends", "return", LAST, HOLDS),
	STORY("exit", "ends", "exit", LAST, HOLDS),
	STORY("_exit", "ends", "_exit", LAST, HOLDS),
	STORY("_Exit", "ends", "_Exit", LAST, HOLDS),
	STORY("quick_exit", "ends", "quick_exit", LAST, HOLDS),
	STORY("abort", "ends", "abort", LAST, HOLDS),
	STORY("kill -9", "ends", "kill", LAST, HOLDS | UNBUFFERED),
	STORY("SIGTERM without a handler", "ends", "term", LAST, HOLDS | UNBUFFERED),
	STORY("an exit that no library sees", "ends", "raw-exit", LAST, HOLDS | UNBUFFERED),
	STORY("pthread_exit of the main thread", "ends", "pthread_exit", LAST, HOLDS),
	STORY("thrd_exit of the main thread", "ends", "thrd_exit", LAST, HOLDS),
	STORY("pthread_exit of the main thread, then another one holds and ends", "ends",
		"pthread_exit-first", LAST, 0),
	STORY("exec, and the next program goes on with the socket", "ends", "exec", NEXT, HOLDS),
	STORY("an exec that fails", "ends", "exec-fails", LAST, HOLDS | SLEEPS),
	STORY("fork, and the child exits", "ends", "fork", LAST, HOLDS | SLEEPS),
	STORY("fork, and child and parent go on writing", "ends", "fork-child-writes",
		LAST "child too\nand parent\n", HOLDS),
	STORY("posix_spawn of a program that goes on with the socket", "ends", "posix_spawn", NEXT,
		HOLDS),
	STORY("vfork and exec of a program that goes on with the socket", "ends", "vfork", NEXT,
		HOLDS),
};

int main(void)
{
	return scenarios_main("end", scenarios, sizeof(scenarios) / sizeof(*scenarios));
}
