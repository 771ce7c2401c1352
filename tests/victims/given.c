/* Programs that are given other rules while they run. */
#include "tests/helper/peer.h"
#include "tests/victims/unseen.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#define TURNS 80 /* of two writes */
#define TURN  64 /* bytes that the peer answers */

static void answered(int fd)
{
	char answer[8];

	NEED(read(fd, answer, sizeof(answer)) == 3);
}

/* ---- what becomes of connections ---- */

/* Of that many turns, in how many was the first write held. */
static int held_of(int fd)
{
	int held = 0;

	for (int i = 0; i < TURNS; i++) {
		say(fd, "first ");
		held += unsent(fd) > 0;
		say(fd, "second\n");
		answered(fd);
	}
	return held;
}

static int number_of(int fd, int level, int name, bool kernel)
{
	socklen_t length = sizeof(int);
	int number = -1;

	if (kernel)
		NEED(raw(SYS_getsockopt, fd, level, name, (long)&number, (long)&length, 0) == 0);
	else
		NEED(getsockopt(fd, level, name, &number, &length) == 0);
	return number;
}

/* As often as it is told to: on a connection that is there and takes what is given, on a new one,
 * and on another that is there, which nothing but the news leads off the hot way: it was the last
 * one. */
static void rounds(int times)
{
	int kept = dial(), second = dial();

	for (int i = 0; i < times; i++) {
		int fresh, held = held_of(kept), anew, later;

		fresh = dial();
		anew = held_of(fresh);
		later = held_of(second);
		mark("round %d held %d second %d fresh %d alive %d tells %d", i, held, later, anew,
			number_of(kept, SOL_SOCKET, SO_KEEPALIVE, true),
			number_of(kept, SOL_SOCKET, SO_KEEPALIVE, false));
		NEED(close(fresh) == 0);
		wait_go();
	}
}

/* What a child of a fork has, and what a program has that it starts. */
static void children(void)
{
	pid_t child;

	mark("ready");
	wait_go();
	NEED(close(dial()) == 0);
	for (int execs = 0; execs < 2; execs++) {
		child = fork();
		if (child == 0 && execs)
			execl("/proc/self/exe", "given", "idle", (char *)NULL);
		if (child == 0) {
			mark("child %d", (int)getpid());
			wait_go();
			_exit(0);
		}
		NEED(waitpid(child, NULL, 0) == child);
	}
}

static void idle(void)
{
	mark("child %d", (int)getpid());
	wait_go();
}

/* ---- threads and handlers in the middle ---- */

enum { THREADS = 3 };

struct writer {
	pthread_t thread;
	int fd;
	unsigned random;
	uint64_t bytes;
};

static struct writer writer[THREADS], handler;
static _Atomic int ends;

static void write_some(struct writer *by, size_t n)
{
	unsigned char part[TURN];

	for (size_t i = 0; i < n; i++)
		part[i] = pattern_byte(by->bytes + i);
	NEED(write(by->fd, part, n) == (ssize_t)n);
	by->bytes += n;
}

static void turn_of(struct writer *by)
{
	unsigned writes = rand_r(&by->random) % 8 ? 2 : 1 + (unsigned)rand_r(&by->random) % 4;
	size_t left = TURN;

	for (; writes > 1; writes--) {
		size_t n = 1 + (size_t)rand_r(&by->random) % (left / writes);

		write_some(by, n);
		left -= n;
	}
	write_some(by, left);
	answered(by->fd);
}

static void *write_all(void *argument)
{
	struct writer *by = argument;
	sigset_t alarm;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	if (by != &writer[0])
		pthread_sigmask(SIG_BLOCK, &alarm, NULL);
	while (!atomic_load(&ends))
		turn_of(by);
	return NULL;
}

/* In the middle of whatever the first writer does, on a small stack. */
static void on_alarm(int signal)
{
	int saved = errno;

	(void)signal;
	write_some(&handler, 2);
	errno = saved;
}

static void catch_alarms(void)
{
	static char stack[16384];
	const stack_t small = {.ss_sp = stack, .ss_size = sizeof(stack)};
	const struct sigaction action = {
		.sa_handler = on_alarm, .sa_flags = SA_ONSTACK | SA_RESTART};
	const struct itimerval often = {{0, 700}, {0, 700}};

	handler.fd = dial();
	NEED(sigaltstack(&small, NULL) == 0);
	NEED(sigaction(SIGALRM, &action, NULL) == 0);
	NEED(setitimer(ITIMER_REAL, &often, NULL) == 0);
}

static void *write_first(void *argument)
{
	catch_alarms();
	return write_all(argument);
}

static void threads(void)
{
	const struct itimerval never = {{0, 0}, {0, 0}};
	sigset_t alarm;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	for (int i = 0; i < THREADS; i++)
		writer[i] = (struct writer){.fd = dial(), .random = (unsigned)i + 1};
	NEED(pthread_create(&writer[0].thread, NULL, write_first, &writer[0]) == 0);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL);
	for (int i = 1; i < THREADS; i++)
		NEED(pthread_create(&writer[i].thread, NULL, write_all, &writer[i]) == 0);
	mark("running");
	wait_go();
	atomic_store(&ends, 1);
	for (int i = 0; i < THREADS; i++)
		NEED(pthread_join(writer[i].thread, NULL) == 0);
	NEED(setitimer(ITIMER_REAL, &never, NULL) == 0);
	while (recv(handler.fd, (char[64]){0}, 64, MSG_DONTWAIT) > 0)
		;
	for (int i = 0; i < THREADS; i++)
		mark("#bytes%d %lu", i, (unsigned long)writer[i].bytes);
	mark("#bytes%d %lu", THREADS, (unsigned long)handler.bytes);
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "rounds") == 0)
		rounds(atoi(argv[2]));
	else if (argc > 1 && strcmp(argv[1], "threads") == 0)
		threads();
	else if (argc > 1 && strcmp(argv[1], "children") == 0)
		children();
	else
		idle();
	return 0;
}
