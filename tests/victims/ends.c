/* Holds a write and then ends: the connection, the descriptor, the process, or the program. */
#include "tests/victims/victim.h"

#include <linux/close_range.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <threads.h>

extern char **environ;
static char *self;
static pthread_t first;

static int half(void)
{
	int fd = dial_trained();

	say_half(fd, "last words.");
	return fd;
}

static void end_close(void)
{
	NEED(close(half()) == 0);
}

static void end_close_range(void)
{
	int fd = half();

	NEED(close_range((unsigned)fd, (unsigned)fd, 0) == 0);
	wrote(fd, 11);
	wait_go();
}

/* With this flag nothing is closed yet; exec does it. */
static void end_close_range_cloexec(void)
{
	int fd = half();

	NEED(close_range((unsigned)fd, (unsigned)fd, CLOSE_RANGE_CLOEXEC) == 0);
	execl("/bin/true", "true", (char *)NULL);
}

static void end_closefrom(void)
{
	closefrom(half());
}

static void end_dup2(void)
{
	int fd = half(), null = open("/dev/null", O_RDWR);

	NEED(dup2(null, fd) == fd);
	say(fd, "to nobody");
	wrote(null, 11);
	wait_go();
}

static void end_dup3(void)
{
	int fd = half(), null = open("/dev/null", O_RDWR);

	NEED(dup3(null, fd, O_CLOEXEC) == fd);
	say(fd, "to nobody");
	wrote(null, 11);
	wait_go();
}

static void end_shutdown(void)
{
	int fd = dial_trained();
	char c;

	say_half(fd, "last words\n");
	NEED(shutdown(fd, SHUT_WR) == 0);
	NEED(hear(fd));
	NEED(write(fd, "x", 0) == 0);
	NEED(read(fd, &c, 0) == 0);
	wrote(fd, 11);
	wait_go();
}

static void end_linger(void)
{
	struct linger now = {1, 0};
	int fd = half();

	NEED(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) == 0);
	wrote(fd, 11);
	wait_go();
	NEED(close(fd) == 0);
}

/* No wait stands between: what was written before the reset must be there. */
static void end_linger_at_once(void)
{
	struct linger now = {1, 0};
	int fd = half();

	NEED(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) == 0);
	NEED(close(fd) == 0);
}

/* On such a socket close() throws away what is not sent: nothing may be held on it. */
static void end_lingering_socket(void)
{
	struct linger now = {1, 0};
	int fd = dial_trained();

	NEED(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) == 0);
	say_half(fd, "last words.");
	NEED(close(fd) == 0);
}

static void end_return(void)
{
	half();
}

static void end_exit(void)
{
	half();
	exit(3);
}

static void end_now(void)
{
	half();
	_exit(4);
}

static void end_now_c99(void)
{
	half();
	_Exit(5);
}

static void end_quick(void)
{
	half();
	quick_exit(6);
}

static void end_abort(void)
{
	half();
	abort();
}

static void end_kill(void)
{
	half();
	kill(getpid(), SIGKILL);
}

static void end_term(void)
{
	half();
	raise(SIGTERM);
}

static void end_raw_exit(void)
{
	half();
	RAW3(SYS_exit_group, 7, 0, 0);
}

/* The program's exit handlers run on its last thread. */
static void say_thread(void)
{
	char name[16];

	NEED(prctl(PR_GET_NAME, name) == 0);
	printf("last: %s\n", name);
}

static void end_thread(void)
{
	NEED(atexit(say_thread) == 0);
	half();
	pthread_exit(NULL);
}

static void end_thread_c11(void)
{
	NEED(atexit(say_thread) == 0);
	half();
	thrd_exit(0);
}

static void *end_last(void *fd)
{
	NEED(prctl(PR_SET_NAME, "worker") == 0);
	NEED(pthread_join(first, NULL) == 0);
	say_half(*(int *)fd, "last words.");
	return NULL;
}

/* The main thread first, then one that holds a write. */
static void end_threads(void)
{
	static int fd;
	pthread_t worker;

	NEED(atexit(say_thread) == 0);
	fd = dial_trained();
	first = pthread_self();
	NEED(pthread_create(&worker, NULL, end_last, &fd) == 0);
	pthread_exit(NULL);
}

static void end_exec(void)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", half());
	execl(self, self, "continue", number, (char *)NULL);
}

static void end_exec_fails(void)
{
	int fd = half();

	NEED(execl("/nowhere/at/all", "x", (char *)NULL) == -1 && errno == ENOENT);
	wrote(fd, 11);
	wait_go();
}

static void end_fork(void)
{
	int fd = half(), status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	NEED(waitpid(pid, &status, 0) == pid && status == 0);
	wrote(fd, 11);
	wait_go();
}

static void end_fork_child_writes(void)
{
	int fd = half();
	pid_t pid = fork();

	if (pid == 0) {
		say(fd, "child");
		say(fd, " too\n");
		NEED(hear(fd));
		_exit(0);
	}
	NEED(waitpid(pid, NULL, 0) == pid);
	say(fd, "and parent\n");
	NEED(hear(fd));
}

static void end_spawn(void)
{
	char number[16];
	char *argv[] = {self, (char *)(uintptr_t) "continue", number, NULL};
	pid_t pid;

	snprintf(number, sizeof(number), "%d", half());
	NEED(posix_spawn(&pid, self, NULL, NULL, argv, environ) == 0);
	NEED(waitpid(pid, NULL, 0) == pid);
}

static void end_vfork(void)
{
	char number[16];
	pid_t pid;

	snprintf(number, sizeof(number), "%d", half());
	pid = vfork();
	if (pid == 0) {
		execl(self, self, "continue", number, (char *)NULL);
		_exit(127);
	}
	NEED(waitpid(pid, NULL, 0) == pid);
}

static const struct verb verbs[] = {
	{"close", end_close},
	{"close_range", end_close_range},
	{"close_range-cloexec", end_close_range_cloexec},
	{"closefrom", end_closefrom},
	{"dup2", end_dup2},
	{"dup3", end_dup3},
	{"shutdown", end_shutdown},
	{"linger", end_linger},
	{"linger-at-once", end_linger_at_once},
	{"lingering-socket", end_lingering_socket},
	{"return", end_return},
	{"exit", end_exit},
	{"_exit", end_now},
	{"_Exit", end_now_c99},
	{"quick_exit", end_quick},
	{"abort", end_abort},
	{"kill", end_kill},
	{"term", end_term},
	{"raw-exit", end_raw_exit},
	{"pthread_exit", end_thread},
	{"thrd_exit", end_thread_c11},
	{"pthread_exit-first", end_threads},
	{"exec", end_exec},
	{"exec-fails", end_exec_fails},
	{"fork", end_fork},
	{"fork-child-writes", end_fork_child_writes},
	{"posix_spawn", end_spawn},
	{"vfork", end_vfork},
};

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc == 3 && strcmp(argv[1], "continue") == 0) {
		int fd = atoi(argv[2]);

		say(fd, "next program");
		say(fd, " speaks\n");
		NEED(hear(fd));
		return 0;
	}
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
