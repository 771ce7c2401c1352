/* Children by ways that no fork handler sees, forks in two threads at once, forks in a thread that
 * is being cancelled, vfork beside a thread that writes, and programs that inherit by exec. */
#include "tests/victims/unseen.h"

#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>

/* The net against a child that hangs: it dies by SIGALRM, which no bare run shows. */
#define CHILD_SECONDS 20

static int fd;
static char *self;

/* With TCP_NODELAY of its own a program's bytes never wait for an ACK. A byte that is held back
 * then needs somebody who lets it go: a thread, since this process learns nothing. */
static void at_once(int at)
{
	NEED(setsockopt(at, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) == 0);
}

static void not_lonely(int at)
{
	int held = unsent(at) > 0;

	NEED(!held || threads_now() > 1);
}

static _Noreturn void child_goes_on(void)
{
	pid_t pid;
	int status;

	alarm(CHILD_SECONDS);
	say(fd, "child ");
	not_lonely(fd);
	compute_until_received(13);
	pid = fork();
	if (pid == 0)
		_exit(5);
	NEED(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 5);
	say(fd, "forks,");
	/* The kernel demands a process of one thread. */
	mark("unshare %d", unshare(CLONE_NEWUSER));
	say(fd, " unshares\n");
	not_lonely(fd);
	compute_until_received(29);
	_exit(7);
}

/* The parent holds when the child is made, and goes on when it is gone. */
static void see_child_off(pid_t pid)
{
	int status;

	NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
	mark("child %#x", (unsigned)status);
	say(fd, "and");
	say(fd, " parent\n");
	/* One answer to the child's line, one to this. */
	NEED(hear(fd) && hear(fd));
}

static void hold(void)
{
	fd = dial();
	at_once(fd);
	say_half(fd, "parent,");
}

static void by_fork_function(void)
{
	pid_t pid;

	hold();
	pid = _Fork();
	if (pid == 0)
		child_goes_on();
	see_child_off(pid);
}

static int run_clone(void *unused)
{
	(void)unused;
	child_goes_on();
}

static void by_clone(void)
{
	static char stack[1 << 17] __attribute__((aligned(16)));

	hold();
	see_child_off(clone(run_clone, stack + sizeof(stack), SIGCHLD, NULL));
}

/* As SYS_fork does, which not every architecture has. */
static void by_clone_call(void)
{
	pid_t pid;

	hold();
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);
	if (pid == 0)
		child_goes_on();
	see_child_off(pid);
}

static void by_fork_call(void)
{
#ifdef SYS_fork
	pid_t pid;

	hold();
	pid = (pid_t)syscall(SYS_fork);
	if (pid == 0)
		child_goes_on();
	see_child_off(pid);
#else
	by_clone_call();
#endif
}

static void by_clone3_call(void)
{
	struct clone_args arguments = {.exit_signal = SIGCHLD};
	pid_t pid;

	hold();
	pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
	if (pid == 0)
		child_goes_on();
	see_child_off(pid);
}

/* ---- threads that fork ---- */

static atomic_int go;

/* The cancellation is there before fork(), which is no cancellation point. */
static void *fork_cancelled(void *unused)
{
	pid_t pid;

	(void)unused;
	say(fd, "thread,");
	while (!atomic_load(&go))
		;
	pid = fork();
	if (pid == 0)
		RAW3(SYS_exit_group, 0, 0, 0);
	mark("fork %d", pid > 0);
	return NULL;
}

static void cancelled_fork(void)
{
	pthread_t thread;
	void *result;
	pid_t pid;

	fd = dial();
	NEED(pthread_create(&thread, NULL, fork_cancelled, NULL) == 0);
	compute_until_received(7);
	say(fd, "main,");
	NEED(pthread_cancel(thread) == 0);
	atomic_store(&go, 1);
	NEED(pthread_join(thread, &result) == 0);
	mark(result == PTHREAD_CANCELED ? "cancelled" : "returned");
	alarm(CHILD_SECONDS);
	say(fd, "again\n");
	pid = fork();
	if (pid == 0)
		_exit(0);
	NEED(pid > 0 && waitpid(pid, NULL, 0) == pid);
	NEED(hear(fd));
}

#define FORKS 200

static atomic_int bad, done;

static _Noreturn void child_of_many(void)
{
	struct sockaddr_in at;
	int listener, near, far;
	pid_t pid;

	alarm(CHILD_SECONDS);
	listener = listen_unseen(0, &at);
	near = dial_to(&at);
	at_once(near);
	far = accept_unseen(listener);
	for (int i = 0; i < 2; i++) {
		say(near, "c");
		not_lonely(near);
		take_unseen(far, 1);
	}
	pid = fork();
	if (pid == 0)
		RAW3(SYS_exit_group, 0, 0, 0);
	NEED(waitpid(pid, NULL, 0) == pid);
	RAW3(SYS_exit_group, 0, 0, 0);
	_exit(0);
}

static void *fork_often(void *unused)
{
	int status;

	for (int i = 0; i < FORKS; i++) {
		pid_t pid = fork();

		if (pid == 0)
			child_of_many();
		NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
		if (status != 0)
			atomic_fetch_add(&bad, 1);
	}
	return unused;
}

static void *write_always(void *unused)
{
	while (!atomic_load(&done)) {
		say(fd, "t");
		sched_yield();
	}
	return unused;
}

static void *drink(void *far)
{
	char text[4096];

	while (RAW3(SYS_read, *(int *)far, text, sizeof(text)) > 0)
		;
	return NULL;
}

static void forks_at_once(void)
{
	struct sockaddr_in at;
	int listener = listen_unseen(0, &at), far;
	pthread_t forker[2], writer, drinker;

	fd = dial_to(&at);
	far = accept_unseen(listener);
	NEED(pthread_create(&drinker, NULL, drink, &far) == 0);
	NEED(pthread_create(&writer, NULL, write_always, NULL) == 0);
	for (int i = 0; i < 2; i++)
		NEED(pthread_create(&forker[i], NULL, fork_often, NULL) == 0);
	for (int i = 0; i < 2; i++)
		NEED(pthread_join(forker[i], NULL) == 0);
	atomic_store(&done, 1);
	NEED(pthread_join(writer, NULL) == 0);
	NEED(shutdown(fd, SHUT_WR) == 0 && pthread_join(drinker, NULL) == 0);
	mark("%d of %d children failed", atomic_load(&bad), 2 * FORKS);
}

/* ---- vfork, and another thread that holds ---- */

static int child_execs;

/* The child closes the socket for itself alone and tells the parent's threads to write first. */
static void *vfork_beside(void *unused)
{
	pid_t pid = vfork();

	if (pid == 0) {
		atomic_store(&go, 1);
		while (atomic_load(&go) != 2)
			RAW3(SYS_sched_yield, 0, 0, 0);
		close(fd);
		if (child_execs)
			execl("/bin/true", "true", (char *)NULL);
		_exit(0);
	}
	NEED(pid > 0 && RAW3(SYS_wait4, pid, NULL, 0) == pid);
	atomic_store(&go, 3);
	return unused;
}

/* The main thread wrote while the child lived: its wait must still let that go. */
static void vfork_while_held(void)
{
	struct pollfd entry = {.events = POLLIN};
	pthread_t thread;

	entry.fd = fd = dial_trained();
	NEED(pthread_create(&thread, NULL, vfork_beside, NULL) == 0);
	while (atomic_load(&go) != 1)
		;
	say_half(fd, "held, and all\n");
	atomic_store(&go, 2);
	while (atomic_load(&go) != 3)
		;
	wrote(fd, 14);
	NEED(poll(&entry, 1, -1) == 1);
	wait_go();
	NEED(hear(fd));
	NEED(pthread_join(thread, NULL) == 0);
}

static void vfork_exec_while_held(void)
{
	child_execs = 1;
	vfork_while_held();
}

/* ---- what the next program inherits ---- */

static void become_next(int socket, int hide)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", socket);
	if (hide)
		unsetenv("LD_PRELOAD");
	execl(self, self, "inherited", number, (char *)NULL);
	die("execl");
}

static void inherited(int socket)
{
	mark("the next program's TCP_NODELAY is %d", kernel_nodelay(socket));
	mark_nodelay("asked", socket);
	say(socket, "next program");
	say(socket, " speaks\n");
	NEED(hear(socket));
}

static void exec_after_turns(void)
{
	become_next(dial_trained(), 0);
}

static void exec_after_stream(void)
{
	fd = dial();
	for (int i = 0; i < 40; i++)
		say(fd, ".");
	become_next(fd, 0);
}

static void exec_own_nodelay(void)
{
	fd = dial_trained();
	NEED(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) == 0);
	become_next(fd, 0);
}

static void exec_without_library(void)
{
	become_next(dial_trained(), 1);
}

static void exec_by_syscall(void)
{
	char number[16];
	char *argv[] = {self, (char *)(uintptr_t) "inherited", number, NULL};

	snprintf(number, sizeof(number), "%d", dial_trained());
	syscall(SYS_execve, self, argv, environ);
	die("execve");
}

/* As inetd: accepts, forks, moves the connection to a number of its own, and execs. */
static void inetd(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t length = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0), status;
	pid_t pid;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED(bind(listener, (struct sockaddr *)&at, length) == 0 && listen(listener, 5) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&at, &length) == 0);
	mark("#listens %d", ntohs(at.sin_port));
	fd = accept(listener, NULL, NULL);
	NEED(fd >= 0);
	pid = fork();
	if (pid == 0) {
		NEED(dup2(fd, 50) == 50 && close(fd) == 0 && close(listener) == 0);
		become_next(50, 0);
	}
	NEED(close(fd) == 0 && waitpid(pid, &status, 0) == pid);
	mark("child %#x", (unsigned)status);
}

/* The same, where a connection that has ended has had TCP_NODELAY set by the program: in the place
 * that the accepted one takes. */
static void inetd_later(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t length = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED(bind(listener, (struct sockaddr *)&at, length) == 0 && listen(listener, 5) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&at, &length) == 0);
	NEED(connect(client, (struct sockaddr *)&at, length) == 0);
	NEED(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &(int){0}, sizeof(int)) == 0);
	NEED(close(client) == 0 && close(listener) == 0);
	inetd();
}

/* An exec that fails leaves everything as it was: the next turn is joined again. */
static void exec_fails(void)
{
	fd = dial_trained();
	NEED(execl("/nowhere/at/all", "x", (char *)NULL) == -1 && errno == ENOENT);
	mark("asked: %d", asked_nodelay(fd));
	say_half(fd, "after ");
	say(fd, "all\n");
	NEED(hear(fd));
}

/* The child's exec, which the socket does not survive, is nothing to the parent: what it writes
 * beyond its habit still leaves at once, without an ACK of what went before. */
static void child_execs_parent_writes(void)
{
	struct pollfd entry = {.events = POLLIN};
	pid_t pid;

	entry.fd = fd = dial_trained();
	NEED(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	NEED(pid > 0 && waitpid(pid, NULL, 0) == pid);
	say_half(fd, "one, ");
	say(fd, "two, ");
	say(fd, "three\n");
	wrote(fd, 16);
	NEED(poll(&entry, 1, -1) == 1);
	wait_go();
	NEED(hear(fd));
}

static const struct verb verbs[] = {
	{"_Fork", by_fork_function},
	{"clone", by_clone},
	{"SYS_clone", by_clone_call},
	{"SYS_fork", by_fork_call},
	{"SYS_clone3", by_clone3_call},
	{"cancelled-fork", cancelled_fork},
	{"forks-at-once", forks_at_once},
	{"vfork-exit", vfork_while_held},
	{"vfork-exec", vfork_exec_while_held},
	{"exec-turns", exec_after_turns},
	{"exec-stream", exec_after_stream},
	{"exec-own", exec_own_nodelay},
	{"exec-alone", exec_without_library},
	{"exec-syscall", exec_by_syscall},
	{"exec-fails", exec_fails},
	{"inetd", inetd},
	{"inetd-later", inetd_later},
	{"child-execs", child_execs_parent_writes},
};

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc == 3 && strcmp(argv[1], "inherited") == 0) {
		inherited(atoi(argv[2]));
		return 0;
	}
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
