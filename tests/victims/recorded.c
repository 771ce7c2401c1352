/* recorded VERB [NUMBERS]: what the tests of recording have programs do. Each victim is its own
 * peer and prints what it got, so that a recorded run can be held against a bare one. */
#include "tests/victims/pair.h"

#include <netdb.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

extern char **environ;

/* All that a program may do without a TCP connection. */
static void idle(void)
{
	char text[8] = "";
	int ends[2], udp = socket(AF_INET, SOCK_DGRAM, 0);

	NEED(udp >= 0 && pipe(ends) == 0);
	begin_listening();
	NEED(write(ends[1], "pipe", 4) == 4 && read(ends[0], text, 4) == 4);
	NEED(poll(&(struct pollfd){ends[1], POLLOUT, 0}, 1, 0) == 1);
	NEED(close(socket(AF_INET, SOCK_STREAM, 0)) == 0);
	mark("%s", text);
}

/* pairs THREADS CONNECTIONS TIMES: thread t has the connections t, t + THREADS, ... */
#define PAIRS 64
static struct pair pairs[PAIRS];
static long sums[PAIRS];

static void *exchange_all(void *first)
{
	for (int i = (int)(intptr_t)first; i < number(1); i += number(0))
		sums[i] = exchange(pairs[i], number(2));
	return NULL;
}

static void several(void)
{
	pthread_t thread[PAIRS];

	NEED(number(0) <= PAIRS && number(1) <= PAIRS);
	begin_listening();
	for (int i = 0; i < number(1); i++)
		pairs[i] = pair_make();
	for (intptr_t i = 0; i < number(0); i++)
		NEED(pthread_create(&thread[i], NULL, exchange_all, (void *)i) == 0);
	for (int i = 0; i < number(0); i++)
		NEED(pthread_join(thread[i], NULL) == 0);
	for (int i = 0; i < number(1); i++) {
		mark("%ld", sums[i]);
		pair_close(pairs[i]);
	}
}

/* long TIMES [LIMIT]: on one connection; no file may be larger than LIMIT. */
static void on_and_on(void)
{
	struct rlimit limit = {.rlim_cur = (rlim_t)number(1), .rlim_max = RLIM_INFINITY};

	if (number(1))
		NEED(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	begin_listening();
	mark("%ld", exchange(pair_make(), number(0)));
}

static uint64_t clock_time(void)
{
	struct timespec now;

	NEED(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* clocked TIMES FILE: leaves there the times before, between and after each write and its read. */
static void clocked(void)
{
	const size_t size = 3 * sizeof(uint64_t) * (size_t)number(0);
	uint64_t *time = malloc(size), *at = time;
	struct pair pair;
	char byte = 'x';
	int file;

	NEED(time);
	begin_listening();
	pair = pair_make();
	for (int i = 0; i < number(0); i++) {
		*at++ = clock_time();
		NEED(write(pair.client, &byte, 1) == 1);
		*at++ = clock_time();
		NEED(recv(pair.server, &byte, 1, 0) == 1);
		*at++ = clock_time();
	}
	NEED((file = open(words[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) >= 0);
	NEED(write(file, time, size) == (ssize_t)size && close(file) == 0);
	free(time);
}

/* many TIMES: connections, one after the other. */
static void many(void)
{
	long sum = 0;

	begin_listening();
	for (int i = 0; i < number(0); i++) {
		struct pair pair = pair_make();

		sum += exchange(pair, 2);
		pair_close(pair);
	}
	mark("%ld", sum);
}

/* forks TIMES: each child goes on with its parent's connection and then has one of its own. */
static void forks(void)
{
	struct pair pair;
	int status;

	begin_listening();
	pair = pair_make();
	mark("%ld", exchange(pair, 3));
	for (int i = 0; i < number(0); i++) {
		pid_t child = fork();

		NEED(child >= 0);
		if (child == 0) {
			long sum = exchange(pair, 2) + exchange(pair_make(), 4);

			_exit(sum == exchange(pair, 2) + exchange(pair_make(), 4) ? 7 : 8);
		}
		NEED(waitpid(child, &status, 0) == child);
		mark("%d", WEXITSTATUS(status));
	}
	mark("%ld", exchange(pair, 3));
}

/* raw-fork: by a system call that no handler hears of. */
static void raw_fork(void)
{
	struct pair pair;
	long child;
	int status;

	begin_listening();
	pair = pair_make();
	exchange(pair, 3);
	child = RAW3(SYS_clone, SIGCHLD, 0, 0);
	NEED(child >= 0);
	if (child == 0) {
		exchange(pair, 5);
		RAW3(SYS_exit_group, 0, 0, 0);
	}
	NEED(waitpid((pid_t)child, &status, 0) == child);
	mark("%d %ld", status, exchange(pair, 3));
}

/* starts: by vfork and by posix_spawn another of us; then becomes one. */
static void starts(void)
{
	static char self[] = "recorded", verb[] = "long", times[] = "5";
	char *const argv[] = {self, verb, times, NULL}, *const none[] = {self, NULL};
	pid_t child;
	int status;

	begin_listening();
	mark("%ld", exchange(pair_make(), 3));
	child = vfork();
	if (child == 0) {
		execv("/proc/self/exe", argv);
		_exit(9);
	}
	NEED(child > 0 && waitpid(child, &status, 0) == child);
	mark("%d", status);
	NEED(posix_spawn(&child, "/proc/self/exe", NULL, NULL, argv, environ) == 0);
	NEED(waitpid(child, &status, 0) == child);
	mark("%d", status);
	NEED(execv("/does/not/exist", none) == -1);
	mark("%ld", exchange(pair_make(), 3));
	execv("/proc/self/exe", argv);
	die("execv");
}

/* waits TIMES: marks in the middle, and waits to be killed or told to go on. */
static void waits_in_the_middle(void)
{
	struct pair pair;

	begin_listening();
	pair = pair_make();
	mark("%ld", exchange(pair, number(0)));
	mark("middle");
	wait_go();
	mark("%ld", exchange(pair, number(0)));
}

/* seccomp: strict mode allows read, write and exit, and kills for anything else. */
static void seccomp_strict(void)
{
	struct pair pair;
	char byte = 'x';

	begin_listening();
	pair = pair_make();
	mark("%ld", exchange(pair, 10));
	NEED(prctl(PR_SET_SECCOMP, 1, 0, 0, 0) == 0);
	for (int i = 0; i < 1000; i++)
		if (write(pair.client, &byte, 1) != 1 || read(pair.server, &byte, 1) != 1)
			RAW3(SYS_exit, 3, 0, 0);
	RAW3(SYS_write, 1, "done\n", 5);
	RAW3(SYS_exit, 0, 0, 0);
}

/* full: no descriptor is left when the first connection is made. */
static void no_descriptors(void)
{
	struct pair pair;
	int spare;

	begin_listening();
	NEED((pair.client = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	NEED((spare = dup(0)) >= 0);
	NEED(setrlimit(RLIMIT_NOFILE, &(struct rlimit){(rlim_t)spare + 1, 4096}) == 0);
	NEED(connect(pair.client, (struct sockaddr *)&own, sizeof(own)) == 0);
	NEED(dup(0) == -1 && errno == EMFILE);
	NEED(close(spare) == 0);
	NEED((pair.server = accept(listener, NULL, NULL)) == spare);
	mark("%ld", exchange(pair, 3000));
}

static void keep_silent(int signal)
{
	(void)signal;
}

static void close_listener(int signal)
{
	(void)signal;
	close(listener);
}

static void alarm_soon(void (*handler)(int))
{
	const struct sigaction action = {.sa_handler = handler};
	const struct itimerval soon = {.it_value = {.tv_usec = 50000}};

	NEED(sigaction(SIGALRM, &action, NULL) == 0);
	NEED(setitimer(ITIMER_REAL, &soon, NULL) == 0);
}

/* interrupted: a wait for an answer by a signal, one for a connection by the end of the listener,
 * as servers stop. */
static void interrupted(void)
{
	struct pair pair;

	begin_listening();
	pair = pair_make();
	mark("%ld", exchange(pair, 3));
	alarm_soon(keep_silent);
	NEED(poll(&(struct pollfd){pair.client, POLLIN, 0}, 1, -1) == -1 && errno == EINTR);
	alarm_soon(close_listener);
	NEED(accept(listener, NULL, NULL) == -1 && errno == EINTR);
	pair_close(pair);
}

/* addresses: ten times each, asks for what need not be looked up, and for one name. */
static void addresses(void)
{
	static const char *const node[] = {"127.0.0.1", "::1", NULL, "localhost"};
	char host[64];

	begin_listening();
	pair_close(pair_make());
	for (int i = 0; i < 40; i++) {
		struct addrinfo *found;

		NEED(getaddrinfo(node[i % 4], "80", NULL, &found) == 0);
		freeaddrinfo(found);
		NEED(getnameinfo((struct sockaddr *)&own, sizeof(own), host, sizeof(host), NULL, 0,
			     NI_NUMERICHOST) == 0);
	}
	mark("%s", host);
}

int main(int argc, char **argv)
{
	static const struct verb verbs[] = {
		{"clocked", clocked},
		{"idle", idle},
		{"several", several},
		{"long", on_and_on},
		{"many", many},
		{"forks", forks},
		{"raw-fork", raw_fork},
		{"starts", starts},
		{"waits", waits_in_the_middle},
		{"seccomp", seccomp_strict},
		{"full", no_descriptors},
		{"interrupted", interrupted},
		{"addresses", addresses},
	};

	words = argv + 2;
	given = argc - 2;
	return run_verb(verbs, sizeof(verbs) / sizeof(*verbs), argc, argv);
}
