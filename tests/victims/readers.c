/* Holds a write while other threads of the process read, or end. */
#include "tests/victims/victim.h"

#include <pthread.h>
#include <sched.h>

static int main_fd;
static atomic_int reader_id, answered;

static void *read_answer(void *unused)
{
	reader_id = (int)RAW3(SYS_gettid, 0, 0, 0);
	NEED(hear(main_fd));
	answered = 1;
	return unused;
}

/* Returns when the reader thread sleeps in its read. */
static void await_parked(void)
{
	char path[64], text[512] = "", *state;
	ssize_t got;
	int fd;

	while (!reader_id)
		sched_yield();
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", reader_id);
	do {
		fd = open(path, O_RDONLY);
		got = read(fd, text, sizeof(text) - 1);
		close(fd);
		NEED(got > 0);
		text[got] = 0;
		state = strrchr(text, ')');
	} while (!state || state[2] != 'S');
}

static pthread_t park_reader(void)
{
	pthread_t reader;

	main_fd = dial_trained();
	NEED(pthread_create(&reader, NULL, read_answer, NULL) == 0);
	await_parked();
	return reader;
}

static void reader_join(void)
{
	pthread_t reader = park_reader();

	say_half(main_fd, "one line\n");
	wrote(main_fd, 9);
	pthread_join(reader, NULL);
	mark("answered");
}

static void reader_spin(void)
{
	pthread_t reader = park_reader();

	say_half(main_fd, "one line\n");
	while (!answered)
		;
	wrote(main_fd, 9);
	wait_go();
	pthread_join(reader, NULL);
	mark("answered");
}

/* The reader was there first and both writes come after it, as in Ruby's net/imap. */
static void reader_two_writes(void)
{
	pthread_t reader = park_reader();

	say(main_fd, "two ");
	say(main_fd, "writes\n");
	while (!answered)
		;
	wrote(main_fd, 11);
	wait_go();
	pthread_join(reader, NULL);
}

static void *write_and_end(void *unused)
{
	say_half(main_fd, "a thread was here");
	return unused;
}

/* The thread that holds is gone; nobody waits for anything that could be seen. */
static void thread_ends(void)
{
	pthread_t thread;

	main_fd = dial_trained();
	NEED(pthread_create(&thread, NULL, write_and_end, NULL) == 0);
	compute_until_received(17);
	pthread_join(thread, NULL);
	wrote(main_fd, 17);
	wait_go();
}

static const struct verb verbs[] = {
	{"reader-join", reader_join},
	{"reader-spin", reader_spin},
	{"reader-two-writes", reader_two_writes},
	{"thread-ends", thread_ends},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
