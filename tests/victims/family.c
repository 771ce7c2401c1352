/* family ACTION CONNECTIONS: opens so many connections to itself, or as many as its limit allows,
 * uses each once, and then does one thing that a program with many connections does as often as one
 * with few. The page says 1 in `written` when it begins and 2 when it is done; for strace, calls
 * that nothing else makes. */
#include "tests/victims/pair.h"

#include <spawn.h>
#include <sys/resource.h>

/* With fewer of them nothing could be told from a few. */
#define LEAST 500

static void by_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	NEED(pid > 0 && RAW3(SYS_wait4, pid, NULL, 0) == pid);
}

static void by_vfork(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(0);
	NEED(pid > 0 && RAW3(SYS_wait4, pid, NULL, 0) == pid);
}

static void by_spawn(void)
{
	char *argv[] = {(char *)(uintptr_t) "true", NULL}, *none[] = {NULL};
	pid_t pid;

	NEED(posix_spawn(&pid, "/bin/true", NULL, NULL, argv, none) == 0);
	NEED(RAW3(SYS_wait4, pid, NULL, 0) == pid);
}

/* What the next program does not inherit needs nothing. */
static void by_exec(void)
{
	char *argv[] = {(char *)(uintptr_t) "x", NULL};

	NEED(execv("/nowhere/at/all", argv) == -1 && errno == ENOENT);
}

static const struct verb actions[] = {
	{"fork", by_fork},
	{"vfork", by_vfork},
	{"spawn", by_spawn},
	{"exec", by_exec},
	{"vfork-inherited", by_vfork},
	{"spawn-inherited", by_spawn},
};

static int as_many_as_may_be(int wanted)
{
	struct rlimit limit;
	int most;

	NEED(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	NEED(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	most = limit.rlim_max > 1000000 ? 500000 : (int)limit.rlim_max / 2 - 100;
	NEED(wanted < LEAST || most >= LEAST);
	return wanted < most ? wanted : most;
}

static void open_all(int count, int flags)
{
	begin_listening();
	for (int i = 0; i < count; i++) {
		struct pair pair = pair_make();

		exchange(pair, 1);
		NEED(fcntl(pair.client, F_SETFD, flags) == 0);
		NEED(fcntl(pair.server, F_SETFD, flags) == 0);
	}
}

int main(int argc, char **argv)
{
	struct page *page = page_of_harness();
	const struct verb *action = NULL;

	for (size_t i = 0; argc == 3 && i < COUNT_OF(actions); i++)
		if (strcmp(actions[i].name, argv[1]) == 0)
			action = &actions[i];
	NEED(action);
	open_all(as_many_as_may_be(atoi(argv[2])), strstr(argv[1], "inherited") ? 0 : FD_CLOEXEC);
	action->run(); /* what is done but once, at the first time */
	mark("ready");
	wait_go();
	RAW3(SYS_getppid, 0, 0, 0);
	atomic_store(&page->written, 1);
	action->run();
	atomic_store(&page->written, 2);
	RAW3(SYS_getppid, 0, 0, 0);
	mark("done");
	return 0;
}
