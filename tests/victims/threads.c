/* One thread writes the first part of what is mostly two writes, and does not come back to it;
 * another one waits for the answer, for which the peer needs that part. */
#include "tests/victims/victim.h"

#include <pthread.h>

static int fd;
static atomic_int stage;

static void *write_and_end(void *unused)
{
	say_half(fd, "half a turn\n");
	atomic_store(&stage, 1);
	return unused;
}

static void *write_and_compute(void *unused)
{
	say_half(fd, "half a turn\n");
	atomic_store(&stage, 1);
	while (atomic_load(&stage) < 2)
		;
	return unused;
}

/* The main thread learns of it without a call, joins at the end, and is what the harness looks at.
 */
static void read_while(void *(*writer)(void *))
{
	pthread_t thread;

	fd = dial_trained();
	NEED(pthread_create(&thread, NULL, writer, NULL) == 0);
	while (atomic_load(&stage) < 1)
		;
	wrote(fd, 12);
	NEED(hear(fd));
	wait_go();
	atomic_store(&stage, 2);
	NEED(pthread_join(thread, NULL) == 0);
}

static void writer_ends(void)
{
	read_while(write_and_end);
}

static void writer_computes(void)
{
	read_while(write_and_compute);
}

static const struct verb verbs[] = {{"ends", writer_ends}, {"computes", writer_computes}};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
