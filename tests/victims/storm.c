/* storm THREADS ROUNDS [fork]: threads that make, use, duplicate and close connections at the same
 * time, while numbers are taken and given back by files. Each connection sends its own numbered
 * lines. With "fork" the main thread makes children all the while, by fork, vfork and posix_spawn.
 */
#include "tests/victims/victim.h"

#include <pthread.h>
#include <spawn.h>

extern char **environ;

static int rounds;
static atomic_int running;

static void *make_weather(void *argument)
{
	int me = *(int *)argument;
	char line[64];

	for (int round = 0; round < rounds; round++) {
		int fd = dial(), file = open("/dev/null", O_RDWR), copy = -1;

		for (int i = 0; i < 4; i++) {
			if (i == 2)
				NEED((copy = dup(fd)) >= 0);
			snprintf(line, sizeof(line), "thread %d round %d ", me, round);
			say(i & 1 && copy >= 0 ? copy : fd, line);
			say(file, "not for the peer");
			snprintf(line, sizeof(line), "line %d\n", i);
			say(fd, line);
			NEED(hear(fd));
		}
		NEED(close(file) == 0);
		NEED(close(fd) == 0 && close(copy) == 0);
	}
	running--;
	return NULL;
}

static void make_children(void)
{
	char *argv[] = {(char *)(uintptr_t) "true", NULL};
	int status;
	pid_t pid;

	for (volatile int i = 0; running > 0; i++) {
		if (i % 3 == 0) {
			pid = fork();
			if (pid == 0)
				_exit(0);
		} else if (i % 3 == 1) {
			pid = vfork();
			if (pid == 0)
				_exit(0);
		} else {
			NEED(posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ) == 0);
		}
		NEED(waitpid(pid, &status, 0) == pid && status == 0);
	}
}

int main(int argc, char **argv)
{
	pthread_t thread[16];
	int number[16], threads = argc > 1 ? atoi(argv[1]) : 0;

	NEED(argc >= 3 && threads <= 16);
	rounds = atoi(argv[2]);
	running = threads;
	for (int i = 0; i < threads; i++) {
		number[i] = i;
		NEED(pthread_create(&thread[i], NULL, make_weather, &number[i]) == 0);
	}
	if (argc > 3)
		make_children();
	for (int i = 0; i < threads; i++)
		NEED(pthread_join(thread[i], NULL) == 0);
	return 0;
}
