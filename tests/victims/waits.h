/* The frame of the victims that hold a write and then wait: what they wait for comes only after
 * the peer has the write. A thread, made before the first connection, passes the word on. */
#ifndef VICTIM_WAITS_H
#define VICTIM_WAITS_H

#include "tests/victims/victim.h"

#include <pthread.h>

struct wait {
	const char *name;
	void (*prepare)(void); /* before the connection; may be NULL */
	void (*wait)(void);
	void (*release)(void); /* in the other thread */
};

static pthread_t main_thread;

static void *release_later(void *wait)
{
	wait_go();
	((const struct wait *)wait)->release();
	return NULL;
}

static inline int run_wait(const struct wait *waits, size_t count, const char *name)
{
	pthread_t thread;
	int fd;

	while (count && strcmp(waits->name, name) != 0) {
		waits++;
		count--;
	}
	NEED(count);
	main_thread = pthread_self();
	if (waits->prepare)
		waits->prepare();
	NEED(pthread_create(&thread, NULL, release_later, (void *)(uintptr_t)waits) == 0);
	fd = dial_trained();
	say_half(fd, "half");
	wrote(fd, 4);
	waits->wait();
	mark("woke");
	say(fd, " done\n");
	mark(hear(fd) ? "answered" : "not answered");
	return 0;
}

#endif
