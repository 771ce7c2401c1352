/* One connection with two names, or one name in two processes: who writes by which, the bytes are
 * in the order of the writes. */
#include "tests/victims/refuse.h"
#include "tests/victims/unseen.h"

#include <pthread.h>
#include <sched.h>
#include <spawn.h>

static char *self;
static int fd;

/* ---- two names ---- */

#define PAIRS 20

static void talk(int one, int two)
{
	for (int i = 0; i < PAIRS; i++) {
		say(one, "a");
		say(two, "b");
	}
	say(one, "\n");
	NEED(hear(two));
}

/* The program owns the cork: it stays until the program takes it off, though a deadline that might
 * push goes by meanwhile. */
static void cork(int one, int two)
{
	int on = -1;
	socklen_t length = sizeof(on);

	say(two, "a");
	NEED(setsockopt(one, IPPROTO_TCP, TCP_CORK, &(int){1}, sizeof(int)) == 0);
	for (int i = 0; i < 3; i++) {
		say(two, "b");
		say(two, "c");
	}
	usleep(80000);
	NEED(raw(SYS_getsockopt, one, IPPROTO_TCP, TCP_CORK, (long)&on, (long)&length, 0) == 0);
	mark("cork %d", on);
	NEED(setsockopt(one, IPPROTO_TCP, TCP_CORK, &(int){0}, sizeof(int)) == 0);
	say(two, "\n");
	NEED(hear(one));
}

/* The next program knows neither of them. */
static void inherit(const char *verb)
{
	char one[16], two[16];

	fd = dial();
	snprintf(one, sizeof(one), "%d", fd);
	snprintf(two, sizeof(two), "%d", (int)RAW3(SYS_dup, fd, 0, 0));
	execl(self, self, verb, one, two, (char *)NULL);
	die("execl");
}

static void inherited_talk(void)
{
	inherit("talk");
}

static void inherited_cork(void)
{
	inherit("cork");
}

static struct msghdr *parcel(int content)
{
	static char byte;
	static struct iovec part = {&byte, 1};
	static _Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(int))];
	static struct msghdr message;

	message_set(&message, &part, 1, room, sizeof(room));
	message_put(&message, content);
	return &message;
}

static void received_talk(void)
{
	struct msghdr *message;
	int pair[2], got;

	fd = dial();
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	NEED(sendmsg(pair[0], parcel(fd), 0) == 1);
	message = parcel(-1);
	NEED(recvmsg(pair[1], message, 0) == 1);
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(message)), sizeof(int));
	talk(fd, got);
}

/* ---- children that have the parent's memory ---- */

static int file; /* in the parent: a file; in the child, under the same number: the connection */

static int write_as_child(void *unused)
{
	(void)unused;
	close(file);
	if (dup(fd) != file)
		_exit(2);
	if (write(file, "child,", 6) != 6 || write(file, " again,", 7) != 7)
		_exit(3);
	_exit(0);
}

static void begin_child(void)
{
	file = memfd_create("file", 0);
	fd = dial();
	NEED(file >= 0 && file < fd);
	say(fd, "first,");
	compute_until_received(6);
}

/* What went into the file, and the connection goes on. */
static void end_child(pid_t pid)
{
	char text[64];
	int status;
	long got;

	NEED(pid > 0 && waitpid(pid, &status, __WALL) == pid);
	mark("child %#x", (unsigned)status);
	NEED(write(file, "in the", 6) == 6 && write(file, " file", 5) == 5);
	say(fd, " parent\n");
	NEED(hear(fd));
	got = RAW3(SYS_pread64, file, text, sizeof(text));
	mark("file: %.*s", (int)got, text);
}

static void vfork_exits(void)
{
	pid_t pid;

	begin_child();
	pid = vfork();
	if (pid == 0)
		write_as_child(NULL);
	end_child(pid);
}

static void vfork_execs(void)
{
	pid_t pid;

	begin_child();
	pid = vfork();
	if (pid == 0) {
		close(file);
		if (dup(fd) != file || write(file, "child,", 6) != 6 ||
			write(file, " again,", 7) != 7)
			_exit(2);
		execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	end_child(pid);
}

static void clone_exits(void)
{
	static char stack[1 << 17] __attribute__((aligned(16)));

	begin_child();
	end_child(clone(
		write_as_child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL));
}

/* The first write of what was always two, by a child that nobody sees end: for it the library does
 * nothing, so nothing is left that its parent could not let go. */
static int write_half_as_child(void *unused)
{
	(void)unused;
	close(file);
	if (dup(fd) != file || write(file, "child", 5) != 5)
		RAW3(SYS_exit_group, 2, 0, 0);
	RAW3(SYS_exit_group, 0, 0, 0);
	return 0;
}

static void begin_half(void)
{
	file = memfd_create("file", 0);
	fd = dial_trained();
	NEED(file >= 0 && file < fd);
}

static void end_half(pid_t pid)
{
	mark("unsent %d", unsent(fd));
	NEED(pid > 0 && waitpid(pid, NULL, __WALL) == pid);
	say(fd, ", parent\n");
	NEED(hear(fd));
}

static void vfork_half(void)
{
	pid_t pid;

	begin_half();
	pid = vfork();
	if (pid == 0)
		write_half_as_child(NULL);
	end_half(pid);
}

static void clone_half(void)
{
	static char stack[1 << 17] __attribute__((aligned(16)));

	begin_half();
	end_half(clone(write_half_as_child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD,
		NULL));
}

/* ---- programs that write what comes next ---- */

static atomic_int stage;
static char command[64];

/* It neither waits nor ends while the program runs. */
static void *write_first(void *unused)
{
	say(fd, "first,");
	atomic_store(&stage, 1);
	while (atomic_load(&stage) < 2)
		;
	return unused;
}

static void by_system(void)
{
	mark("system %#x", (unsigned)system(command));
}

static void by_popen(void)
{
	FILE *stream = popen(command, "r");

	NEED(stream);
	while (getc(stream) != EOF)
		;
	mark("pclose %#x", (unsigned)pclose(stream));
}

static void by_spawn(void)
{
	char *argv[] = {(char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c", command, NULL};
	int status;
	pid_t pid;

	NEED(posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ) == 0);
	NEED(waitpid(pid, &status, 0) == pid);
	mark("child %#x", (unsigned)status);
}

static void then_a_program(void (*run)(void))
{
	pthread_t thread;

	fd = dial();
	snprintf(command, sizeof(command), "printf ' second,' >&%d", fd);
	NEED(pthread_create(&thread, NULL, write_first, NULL) == 0);
	while (atomic_load(&stage) < 1)
		;
	run();
	atomic_store(&stage, 2);
	NEED(pthread_join(thread, NULL) == 0);
	say(fd, " third\n");
	NEED(hear(fd));
}

static void order_system(void)
{
	then_a_program(by_system);
}

static void order_popen(void)
{
	then_a_program(by_popen);
}

static void order_spawn(void)
{
	then_a_program(by_spawn);
}

/* ---- one connection after the other in one place ---- */

static void *spawn_beside(void *unused)
{
	char *argv[] = {(char *)(uintptr_t) "true", NULL}, *none[] = {NULL};
	pid_t pid;

	while (atomic_load(&stage) < 1)
		;
	atomic_store(&stage, 2);
	NEED(posix_spawn(&pid, "/bin/true", NULL, NULL, argv, none) == 0);
	NEED(waitpid(pid, NULL, 0) == pid);
	return unused;
}

/* The harness delays what that thread does to all connections: meanwhile one is closed, and the
 * next one comes to its place. */
static void recycle(void)
{
	pthread_t thread;

	NEED(pthread_create(&thread, NULL, spawn_beside, NULL) == 0);
	fd = dial();
	say(fd, "first");
	compute_until_received(5);
	atomic_store(&stage, 1);
	while (atomic_load(&stage) < 2)
		;
	usleep(150000);
	NEED(close(fd) == 0);
	fd = dial();
	say(fd, "1 ");
	say(fd, "2 ");
	say(fd, "3 ");
	NEED(pthread_join(thread, NULL) == 0);
	NEED(close(fd) == 0);
}

/* Turns and a stream; what is told of them must not depend on calls that are not its own. */
static void turns(void)
{
	fd = dial();
	for (int i = 0; i < 10; i++) {
		say(fd, "ab");
		say(fd, "c\n");
		NEED(hear(fd));
	}
	for (int i = 0; i < 20; i++)
		say(fd, ".");
	mark("poll %d", poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, 1000));
	say(fd, "\n");
	NEED(hear(fd));
	mark("close %d", close(fd));
}

/* ---- in a sandbox ---- */

#define FIRST_UNSEEN 300 /* a number that nobody has used yet */

/* The two names cannot be seen to be one connection. */
static void by_two_names(void)
{
	talk(fd, (int)RAW3(SYS_fcntl, fd, F_DUPFD, FIRST_UNSEEN));
}

static void refused_before(void)
{
	refuse_question(0, EINVAL);
	fd = dial();
	by_two_names();
}

/* As on a kernel that has no SO_COOKIE yet (before 4.6). */
static void refused_cookie(void)
{
	refuse_question(SO_COOKIE, ENOPROTOOPT);
	fd = dial();
	by_two_names();
}

static void refused_after(unsigned question, int error)
{
	fd = dial();
	say(fd, "first ");
	refuse_question(question, error);
	by_two_names();
}

/* One question alone, where the others are answered. */
static void refused_cookie_after(void)
{
	refused_after(SO_COOKIE, EINVAL);
}

static void refused_einval(void)
{
	refused_after(0, EINVAL);
}

static void refused_enomem(void)
{
	refused_after(0, ENOMEM);
}

static void refused_eperm(void)
{
	refused_after(0, EPERM);
}

static const struct verb verbs[] = {
	{"inherited", inherited_talk},
	{"received", received_talk},
	{"cork", inherited_cork},
	{"vfork-exits", vfork_exits},
	{"vfork-execs", vfork_execs},
	{"clone-exits", clone_exits},
	{"vfork-half", vfork_half},
	{"clone-half", clone_half},
	{"system", order_system},
	{"popen", order_popen},
	{"spawn", order_spawn},
	{"recycle", recycle},
	{"turns", turns},
	{"refused-before", refused_before},
	{"refused-cookie", refused_cookie},
	{"refused-cookie-after", refused_cookie_after},
	{"refused-einval", refused_einval},
	{"refused-enomem", refused_enomem},
	{"refused-eperm", refused_eperm},
};

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc == 4) {
		(strcmp(argv[1], "cork") == 0 ? cork : talk)(atoi(argv[2]), atoi(argv[3]));
		return 0;
	}
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
