/* A process's life around its sockets: vfork children that close and dup2, spawned programs,
 * signal handlers that write, threads that are cancelled, jumps out of handlers. */
#include "tests/victims/victim.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <spawn.h>

extern char **environ;

static int fd;

/* Two writes and a read that must still be joined: the parent's knowledge of fd is whole. */
static void turn_after(void)
{
	say_half(fd, "after ");
	say(fd, "all\n");
	NEED(hear(fd));
	wrote(fd, 10);
	wait_go();
}

/* The child runs on the parent's memory: what it closes is closed for it alone. */
static void vfork_closes(void)
{
	pid_t pid;

	fd = dial_trained();
	pid = vfork();
	if (pid == 0) {
		close(fd);
		dup2(2, fd);
		close_range(3, ~0u, 0);
		execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	NEED(waitpid(pid, NULL, 0) == pid);
	turn_after();
}

static void vfork_exits(void)
{
	pid_t pid;

	fd = dial_trained();
	pid = vfork();
	if (pid == 0) {
		close(fd);
		_exit(3);
	}
	NEED(waitpid(pid, NULL, 0) == pid);
	turn_after();
}

static void spawn_closes(void)
{
	char *argv[] = {(char *)(uintptr_t) "true", NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;

	fd = dial_trained();
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addclose(&actions, fd);
	NEED(posix_spawn(&pid, "/bin/true", &actions, NULL, argv, environ) == 0);
	NEED(waitpid(pid, NULL, 0) == pid);
	turn_after();
}

static void popen_closes(void)
{
	FILE *stream;

	fd = dial_trained();
	stream = popen("exec 3>&- 4>&-; true", "r");
	NEED(stream && pclose(stream) == 0);
	turn_after();
}

static void fork_closes(void)
{
	int status;
	pid_t pid;

	fd = dial_trained();
	pid = fork();
	if (pid == 0)
		_exit(close(fd) == 0 ? 0 : 1);
	NEED(waitpid(pid, &status, 0) == pid && status == 0);
	turn_after();
}

static void write_dot(int number)
{
	int before = errno;

	(void)number;
	(void)!write(fd, ".", 1);
	errno = before;
}

/* Dots come in whenever the alarm strikes; the numbers between them stay in order. */
static void handler_writes(void)
{
	struct sigaction action = {.sa_handler = write_dot, .sa_flags = SA_RESTART};
	char text[16];

	fd = dial();
	NEED(sigaction(SIGALRM, &action, NULL) == 0);
	ualarm(300, 300);
	for (int i = 0; i < 3000; i++) {
		snprintf(text, sizeof(text), "%d%s", i, i % 100 == 99 ? "\n" : " ");
		say(fd, text);
		if (i % 100 == 99)
			NEED(hear(fd));
	}
	ualarm(0, 0);
}

static void *read_forever(void *unused)
{
	char c;

	(void)unused;
	/* 0 would be an end that nobody made. */
	NEED(read(fd, &c, 1) == 1);
	return NULL;
}

static void cancel_reader(void)
{
	pthread_t thread;
	void *result;

	fd = dial_trained();
	for (int i = 0; i < 20; i++) {
		NEED(pthread_create(&thread, NULL, read_forever, NULL) == 0);
		for (int yields = i; yields > 0; yields--)
			sched_yield();
		NEED(pthread_cancel(thread) == 0);
		NEED(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
	}
	turn_after();
}

static int stuck_fd;

/* A connection that nobody ever reads: a write on it fills what there is and blocks for good. */
static void make_stuck(void)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	socklen_t length = sizeof(here);
	int listener = (int)RAW3(SYS_socket, AF_INET, SOCK_STREAM, 0);

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED(RAW3(SYS_bind, listener, &here, length) == 0);
	NEED(RAW3(SYS_listen, listener, 1, 0) == 0);
	NEED(RAW3(SYS_getsockname, listener, &here, &length) == 0);
	stuck_fd = socket(AF_INET, SOCK_STREAM, 0);
	NEED(setsockopt(stuck_fd, SOL_SOCKET, SO_SNDBUF, &(int){4096}, sizeof(int)) == 0);
	NEED(connect(stuck_fd, (struct sockaddr *)&here, sizeof(here)) == 0);
}

static void *write_forever(void *unused)
{
	static char big[1 << 16];

	(void)unused;
	for (;;)
		NEED(write(stuck_fd, big, sizeof(big)) > 0);
	return NULL;
}

static void cancel_writer(void)
{
	pthread_t thread;
	void *result;

	make_stuck();
	fd = dial_trained();
	for (int i = 0; i < 20; i++) {
		NEED(pthread_create(&thread, NULL, write_forever, NULL) == 0);
		for (int yields = i; yields > 0; yields--)
			sched_yield();
		NEED(pthread_cancel(thread) == 0);
		NEED(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
	}
	turn_after();
}

static sigjmp_buf home;

static void jump(int number)
{
	siglongjmp(home, number);
}

/* Leaves a blocking read, and what was held before it, by a jump. */
static void jump_out(void)
{
	volatile int jumps = 0;
	char c;

	fd = dial_trained();
	NEED(sigaction(SIGALRM, &(struct sigaction){.sa_handler = jump}, NULL) == 0);
	if (sigsetjmp(home, 1))
		jumps++;
	if (jumps < 10) {
		ualarm(500, 0);
		NEED(read(fd, &c, 1) == -77);
	}
	turn_after();
}

static void jump_out_of_poll(void)
{
	volatile int jumps = 0;
	struct pollfd entry = {.events = POLLIN};

	entry.fd = fd = dial_trained();
	NEED(sigaction(SIGALRM, &(struct sigaction){.sa_handler = jump}, NULL) == 0);
	if (sigsetjmp(home, 1))
		jumps++;
	if (jumps < 10) {
		ualarm(500, 0);
		NEED(poll(&entry, 1, -1) == -77);
	}
	turn_after();
}

static void jump_out_of_write(void)
{
	volatile int jumps = 0;

	make_stuck();
	fd = dial_trained();
	NEED(sigaction(SIGALRM, &(struct sigaction){.sa_handler = jump}, NULL) == 0);
	if (sigsetjmp(home, 1))
		jumps++;
	if (jumps < 10) {
		ualarm(500, 0);
		write_forever(NULL);
	}
	turn_after();
}

static const struct verb verbs[] = {
	{"vfork-closes", vfork_closes},
	{"vfork-exits", vfork_exits},
	{"spawn-closes", spawn_closes},
	{"popen-closes", popen_closes},
	{"fork-closes", fork_closes},
	{"handler-writes", handler_writes},
	{"cancel-reader", cancel_reader},
	{"cancel-writer", cancel_writer},
	{"jump-out", jump_out},
	{"jump-out-of-poll", jump_out_of_poll},
	{"jump-out-of-write", jump_out_of_write},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
