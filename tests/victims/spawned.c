/* spawned HOW STORY: a socket of this program is handed to another one, started in one of the ways
 * that there are, and used by both. What is told is TCP_NODELAY, as both are told it and as it is.
 */
#include "tests/victims/unseen.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <spawn.h>
#include <sys/prctl.h>

/* What the child has it by where it gets another number, as stdout would be; an inherited one may
 * be closed on exec then. */
#define CHILD_FD 50

static char *self, number[16];
static int fd;

/* ---- ways ---- */

static char *argument[4];

static _Noreturn void become(void)
{
	if (dup2(fd, CHILD_FD) == CHILD_FD)
		execv(self, argument);
	_exit(127);
}

static pid_t by_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		become();
	return pid;
}

static pid_t by_vfork(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		become();
	return pid;
}

static int run_clone(void *unused)
{
	(void)unused;
	become();
}

static pid_t by_clone(void)
{
	static char stack[1 << 17] __attribute__((aligned(16)));

	return clone(run_clone, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
}

static pid_t spawn_with_actions(__typeof__(posix_spawn) *spawn)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	NEED(posix_spawn_file_actions_init(&actions) == 0);
	NEED(posix_spawn_file_actions_adddup2(&actions, fd, CHILD_FD) == 0);
	NEED(spawn(&pid, self, &actions, NULL, argument, environ) == 0);
	NEED(posix_spawn_file_actions_destroy(&actions) == 0);
	return pid;
}

static pid_t by_spawn(void)
{
	return spawn_with_actions(posix_spawn);
}

static pid_t by_spawnp(void)
{
	return spawn_with_actions(posix_spawnp);
}

/* ---- ways by which it is inherited under its own number ---- */

static pid_t by_plain_fork(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execv(self, argument);
		_exit(127);
	}
	return pid;
}

static pid_t by_plain_spawn(void)
{
	pid_t pid;

	NEED(posix_spawn(&pid, self, NULL, NULL, argument, environ) == 0);
	return pid;
}

static const char *command(void)
{
	static char text[4200];

	snprintf(text, sizeof(text), "exec '%s' %s %s >&2", self, argument[1], argument[2]);
	return text;
}

/* Both wait by themselves: 0. */
static pid_t by_system(void)
{
	NEED(system(command()) == 0);
	return 0;
}

static pid_t by_popen(void)
{
	FILE *stream = popen(command(), "w");

	NEED(stream && pclose(stream) == 0);
	return 0;
}

static const struct way {
	const char *name;
	pid_t (*start)(void);
	int plain;
} ways[] =
	{
		{"fork", by_fork, 0},
		{"vfork", by_vfork, 0},
		{"clone", by_clone, 0},
		{"spawn", by_spawn, 0},
		{"spawnp", by_spawnp, 0},
		{"plain-fork", by_plain_fork, 1},
		{"plain-spawn", by_plain_spawn, 1},
		{"system", by_system, 1},
		{"popen", by_popen, 1},
},
  *way;

/* What a child says is told by its status: some ways take its stdout for themselves. */
static void start(const char *verb)
{
	int status = 0;
	pid_t pid;

	snprintf(number, sizeof(number), "%d", way->plain ? fd : CHILD_FD);
	argument[0] = self;
	argument[1] = (char *)(uintptr_t)verb;
	argument[2] = number;
	NEED(fcntl(fd, F_SETFD, way->plain ? 0 : FD_CLOEXEC) == 0);
	pid = way->start();
	NEED(pid >= 0 && (pid == 0 || waitpid(pid, &status, 0) == pid));
	NEED(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* ---- stories ---- */

/* The child finds it as the program has it, and uses it; the parent goes on as it was. */
static void both_use_it(void)
{
	fd = dial_trained();
	start("child-uses");
	mark("asked again: %d", asked_nodelay(fd));
	say_half(fd, "one, ");
	say(fd, "two, ");
	say(fd, "three\n");
	wrote(fd, 29);
	wait_go();
	NEED(hear(fd));
}

static void child_without_the_library(void)
{
	unsetenv("LD_PRELOAD");
	both_use_it();
}

static void exchange(int times)
{
	for (int i = 0; i < times; i++) {
		say(fd, "ab");
		say(fd, "c\n");
		NEED(hear(fd));
	}
}

/* ---- what the parent sets meanwhile ---- */

static void ends_by_close(void)
{
	NEED(close(fd) == 0);
}

/* A filter that lets all pass. */
static void ends_in_a_sandbox(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct sock_fprog filter = {1, &allow};

	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0);
}

static void ends_by_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
}

static void ends_by_exit(void)
{
	exit(0);
}

/* A connection that somebody else made, as sshd has it: its child ends with it in some way, after
 * the program itself has set TCP_NODELAY. */
static void set_meanwhile(void (*child_ends)(void))
{
	int tube[2], yes = 1;
	pid_t pid;
	char c;

	exchange(3);
	NEED(pipe(tube) == 0 && (pid = fork()) >= 0);
	if (pid == 0) {
		NEED(read(tube[0], &c, 1) == 1);
		child_ends();
		_exit(0);
	}
	NEED(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) == 0);
	NEED(write(tube[1], "x", 1) == 1 && waitpid(pid, NULL, 0) == pid);
	mark("kept: %d", kernel_nodelay(fd));
	exchange(1);
	mark("done");
}

/* The child sets it, and the parent becomes another program, which looks. */
static void child_sets(void)
{
	int yes = 1;
	pid_t pid;

	fd = dial();
	exchange(3);
	pid = fork();
	NEED(pid >= 0);
	if (pid == 0) {
		NEED(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) == 0);
		_exit(0);
	}
	NEED(waitpid(pid, NULL, 0) == pid);
	snprintf(number, sizeof(number), "%d", fd);
	unsetenv("LD_PRELOAD");
	execl(self, self, "looks", number, (char *)NULL);
}

static void looks(void)
{
	mark("kept: %d", kernel_nodelay(fd));
}

/* The next program has it from this one. */
static void hand_on(const char *verb)
{
	fd = dial();
	snprintf(number, sizeof(number), "%d", fd);
	execl(self, self, verb, number, (char *)NULL);
}

static void hand_on_and_close(void)
{
	hand_on("set-while-it-closes");
}

static void hand_on_and_confine(void)
{
	hand_on("set-while-it-is-confined");
}

static void hand_on_and_exec(void)
{
	hand_on("set-while-it-execs");
}

static void hand_on_and_exit(void)
{
	hand_on("set-while-it-exits");
}

static void set_while_it_closes(void)
{
	set_meanwhile(ends_by_close);
}

static void set_while_it_is_confined(void)
{
	set_meanwhile(ends_in_a_sandbox);
}

static void set_while_it_execs(void)
{
	set_meanwhile(ends_by_exec);
}

static void set_while_it_exits(void)
{
	set_meanwhile(ends_by_exit);
}

/* A child that does nothing with it. For strace, a call that nothing else makes. */
static void writes_on(void)
{
	fd = dial();
	exchange(2);
	start("child-ends");
	RAW3(SYS_getppid, 0, 0, 0);
	exchange(3);
	mark("#nodelay %d", kernel_nodelay(fd));
	start("child-ends");
	exchange(1);
	mark("#still %d", kernel_nodelay(fd));
}

static int accept_one(int listener)
{
	struct sockaddr_in at;
	socklen_t length = sizeof(at);
	int near = (int)RAW3(SYS_socket, AF_INET, SOCK_STREAM, 0), far;

	NEED(RAW3(SYS_getsockname, listener, &at, &length) == 0);
	NEED(RAW3(SYS_connect, near, &at, length) == 0);
	far = accept(listener, NULL, NULL);
	NEED(far >= 0);
	return far;
}

static void worker_gets_the_listener(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	int peer = dial(), accepted;

	say(peer, "x\n");
	NEED(hear(peer));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 5) == 0);
	start("child-accepts");
	mark("asked again: %d", asked_nodelay(fd));
	accepted = accept_one(fd);
	mark("and what it accepts: %d", asked_nodelay(accepted));
	say(accepted, "ab");
	mark("#nodelay %d", kernel_nodelay(accepted));
}

static void worker_without_the_library(void)
{
	unsetenv("LD_PRELOAD");
	worker_gets_the_listener();
}

/* ---- children ---- */

static void child_uses(void)
{
	NEED(kernel_nodelay(fd) == 0 && asked_nodelay(fd) == 0);
	say(fd, "child");
	say(fd, " speaks\n");
	NEED(hear(fd));
}

static void child_accepts(void)
{
	NEED(kernel_nodelay(fd) == 0 && asked_nodelay(fd) == 0);
	NEED(asked_nodelay(accept_one(fd)) == 0);
}

static void child_ends(void)
{
}

static const struct verb verbs[] = {
	{"both", both_use_it},
	{"alone", child_without_the_library},
	{"writes-on", writes_on},
	{"listener", worker_gets_the_listener},
	{"listener-alone", worker_without_the_library},
	{"child-uses", child_uses},
	{"child-accepts", child_accepts},
	{"child-ends", child_ends},
	{"child-sets", child_sets},
	{"looks", looks},
	{"closes", hand_on_and_close},
	{"is-confined", hand_on_and_confine},
	{"execs", hand_on_and_exec},
	{"exits", hand_on_and_exit},
	{"set-while-it-closes", set_while_it_closes},
	{"set-while-it-is-confined", set_while_it_is_confined},
	{"set-while-it-execs", set_while_it_execs},
	{"set-while-it-exits", set_while_it_exits},
};

int main(int argc, char **argv)
{
	NEED(argc > 2);
	self = argv[0];
	fd = atoi(argv[2]);
	for (size_t i = 0; i < COUNT_OF(ways); i++)
		if (strcmp(ways[i].name, argv[1]) == 0)
			way = &ways[i];
	/* The story comes last; a child has its verb first. */
	return way ? run_verb(verbs, COUNT_OF(verbs), 2, (char *[]){self, argv[argc - 1]})
		   : run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
