/* Two threads, the two ends of one connection, and two more that share another one, for programs
 * that check every access to memory: there is nothing wrong with it. Ends with status 5. */
#include "tests/victims/pair.h"

#include <pthread.h>

#define TURNS 30

/* Answers in two writes. */
static void *serve(void *end)
{
	const int fd = *(int *)end;

	for (int i = 0; i < TURNS; i++) {
		NEED(hear(fd));
		say(fd, "o");
		say(fd, "k\n");
	}
	return NULL;
}

/* Turns of two writes, from memory of just that size. */
static void *ask(void *end)
{
	const int fd = *(int *)end;

	for (int i = 0; i < TURNS; i++) {
		char *text = malloc(3);

		NEED(text);
		memcpy(text, "ab\n", 3);
		NEED(write(fd, text, 2) == 2 && write(fd, text + 2, 1) == 1);
		free(text);
		NEED(hear(fd));
	}
	return NULL;
}

/* One of two writers on one end. */
static void *pour(void *end)
{
	for (int i = 0; i < TURNS; i++)
		say(*(int *)end, "x");
	return NULL;
}

static void drink(int fd, int bytes)
{
	char byte;

	for (int i = 0; i < bytes; i++)
		NEED(read(fd, &byte, 1) == 1 && byte == 'x');
}

static pthread_t begin(void *(*run)(void *), int *end)
{
	pthread_t thread;

	NEED(pthread_create(&thread, NULL, run, end) == 0);
	return thread;
}

int main(void)
{
	struct pair one, two;
	pthread_t thread[4];

	begin_listening();
	one = pair_make();
	two = pair_make();
	thread[0] = begin(serve, &one.server);
	thread[1] = begin(ask, &one.client);
	thread[2] = begin(pour, &two.client);
	thread[3] = begin(pour, &two.client);
	drink(two.server, 2 * TURNS);
	for (int i = 0; i < 4; i++)
		NEED(pthread_join(thread[i], NULL) == 0);
	pair_close(one);
	pair_close(two);
	mark("%d turns", TURNS);
	return 5;
}
