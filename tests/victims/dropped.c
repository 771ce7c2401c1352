/* dropped HOW TURNS: a program that root starts and that becomes somebody else, as daemons do, and
 * exchanges so many turns then.
 *
 * setuid   by libc
 * raw      by numbers
 * chroot   with another root as well
 * worker   after a fork; the parent has a connection of its own before
 * later    its connection is older
 * execs    and is another program from then on
 * twice    and another one after that, in a child, while the parent is another user still
 */
#include "tests/victims/victim.h"

#include <grp.h>

enum { NOBODY = 65534 };

static char *self, *turns;

static void exchange(int fd, int count)
{
	while (count-- > 0) {
		say(fd, "line\n");
		NEED(hear(fd));
	}
}

static void dial_and_exchange(void)
{
	exchange(dial(), atoi(turns));
	mark("done");
}

static void drop(void)
{
	NEED(setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
}

static void by_setuid(void)
{
	drop();
	dial_and_exchange();
}

static void by_numbers(void)
{
	NEED(RAW3(SYS_setgroups, 0, NULL, 0) == 0);
	NEED(RAW3(SYS_setgid, NOBODY, 0, 0) == 0);
	NEED(RAW3(SYS_setuid, NOBODY, 0, 0) == 0);
	dial_and_exchange();
}

static void with_another_root(void)
{
	NEED(chroot("/proc/self/fdinfo") == 0 && chdir("/") == 0);
	drop();
	dial_and_exchange();
}

static void as_a_worker(void)
{
	int status;
	pid_t pid;

	exchange(dial(), 2);
	pid = fork();
	NEED(pid >= 0);
	if (pid == 0) {
		drop();
		exchange(dial(), atoi(turns));
		exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid && status == 0);
	mark("done");
}

static void with_an_older_connection(void)
{
	int fd = dial();

	exchange(fd, 2);
	drop();
	exchange(fd, atoi(turns));
	mark("done");
}

static void as_another_program(void)
{
	drop();
	execl(self, self, "plain", turns, (char *)NULL);
}

static void drop_to_daemon(void)
{
	NEED(setgroups(0, NULL) == 0 && setgid(1) == 0 && setuid(1) == 0);
}

static void as_two_users(void)
{
	int status;
	pid_t pid = fork();

	NEED(pid >= 0);
	if (pid == 0) {
		drop();
		execl(self, self, "on", turns, (char *)NULL);
		_exit(1);
	}
	drop_to_daemon();
	exchange(dial(), 2);
	NEED(waitpid(pid, &status, 0) == pid && status == 0);
	mark("parent done");
	execl(self, self, "plain", turns, (char *)NULL);
}

static void on(void)
{
	execl(self, self, "plain", turns, (char *)NULL);
}

static const struct verb verbs[] = {
	{"setuid", by_setuid},
	{"raw", by_numbers},
	{"chroot", with_another_root},
	{"worker", as_a_worker},
	{"later", with_an_older_connection},
	{"execs", as_another_program},
	{"twice", as_two_users},
	{"on", on},
	{"plain", dial_and_exchange},
};

int main(int argc, char **argv)
{
	self = argv[0];
	turns = argc > 2 ? argv[2] : (char *)(uintptr_t) "1";
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
