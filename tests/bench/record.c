/* record THREADS [CALLS]: each thread makes so many calls on a connection of its own: recv() that
 * finds nothing, and send() of nothing, the cheapest that there are. Prints nanoseconds of
 * processor time a call, the least of five rounds. */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define ROUNDS 5

static long calls = 200000;
static pthread_barrier_t gate;

static void connect_pair(int pair[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1) ||
		getsockname(listener, (struct sockaddr *)&address, &length) ||
		connect(pair[0], (struct sockaddr *)&address, length))
		abort();
	pair[1] = accept(listener, NULL, NULL);
}

static void *run(void *unused)
{
	int pair[2];
	char byte;

	(void)unused;
	connect_pair(pair);
	for (int round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&gate);
		for (long i = 0; i < calls; i += 2) {
			recv(pair[0], &byte, 1, MSG_DONTWAIT);
			send(pair[0], &byte, 0, 0);
		}
		pthread_barrier_wait(&gate);
	}
	return NULL;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 1;
	double least = 1e18, took;
	pthread_t thread;

	if (argc > 2)
		calls = atol(argv[2]);
	if (threads < 1 || calls < 1)
		return 1;
	pthread_barrier_init(&gate, NULL, (unsigned)threads + 1);
	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread, NULL, run, NULL) != 0)
			return 1;
	for (int round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&gate);
		took = now();
		pthread_barrier_wait(&gate);
		took = (now() - took) / (double)calls / threads;
		least = took < least ? took : least;
	}
	printf("%.1f\n", least);
	return 0;
}
