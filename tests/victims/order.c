/* Holds a write and then does what makes late bytes visible: threads that read or compute, other
 * sockets, duplicates, probes for writability, empty writes. */
#include "tests/victims/victim.h"

#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/select.h>

#define TURNS 8

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

static void compute(void)
{
	int fd = dial_trained();

	say_half(fd, "then it computes\n");
	compute_until_received(17);
	wrote(fd, 17);
	wait_go();
	NEED(hear(fd));
}

static void compute_getrusage(void)
{
	struct page *page;
	struct rusage usage;
	int fd = dial_trained();

	page = page_of_harness();
	say_half(fd, "then it computes\n");
	while (atomic_load(&page->received) < 17 + (size_t)trained_bytes)
		NEED(getrusage(RUSAGE_SELF, &usage) == 0);
	wrote(fd, 17);
	wait_go();
	NEED(hear(fd));
}

/* The harness speaks on the second connection when it has all of the first. */
static void two_sockets(void)
{
	int a = dial_trained(), b = dial();

	say_half(a, "written to A");
	wrote(a, 12);
	NEED(hear(b));
	say(a, "\n");
	NEED(hear(a));
}

static void two_sockets_poll(void)
{
	int a = dial_trained(), b = dial();
	struct pollfd entry = {.fd = b, .events = POLLIN};

	say_half(a, "written to A");
	wrote(a, 12);
	NEED(poll(&entry, 1, -1) == 1 && hear(b));
	say(a, "\n");
	NEED(hear(a));
}

static void dup_write(void)
{
	int fd = dial_trained(), copy = dup(fd);

	say_half(copy, "on the copy");
	wrote(fd, 11);
	wait_go();
	say(fd, ", on the first\n");
	NEED(hear(copy));
}

static void dup_turns(void)
{
	int fd = dial(), copy;

	page_of_harness();
	copy = dup(fd);
	for (int i = 0; i < TURNS; i++) {
		say(i & 1 ? fd : copy, "a");
		say(i & 1 ? copy : fd, "b\n");
		NEED(hear(i & 2 ? fd : copy));
	}
	wrote(fd, 3 * TURNS);
	wait_go();
}

static void dup_close_first(void)
{
	int fd = dial_trained(), copy = dup(fd);

	say_half(fd, "closed");
	NEED(close(fd) == 0);
	wrote(copy, 6);
	wait_go();
	say(copy, ", not gone\n");
	NEED(hear(copy));
}

static void probe_select(void)
{
	int fd = dial();
	fd_set set;

	page_of_harness();
	for (int i = 0; i < TURNS; i++)
		for (int part = 0; part < 2; part++) {
			FD_ZERO(&set);
			FD_SET(fd, &set);
			NEED(select(fd + 1, NULL, &set, NULL, NULL) == 1 && FD_ISSET(fd, &set));
			say(fd, part ? "b\n" : "a");
			if (part)
				NEED(hear(fd));
		}
	wrote(fd, 3 * TURNS);
	wait_go();
}

static void probe_poll(void)
{
	int fd = dial();
	struct pollfd entry = {.fd = fd, .events = POLLOUT};

	page_of_harness();
	for (int i = 0; i < TURNS; i++)
		for (int part = 0; part < 2; part++) {
			NEED(poll(&entry, 1, 1000000) == 1 && entry.revents == POLLOUT);
			say(fd, part ? "b\n" : "a");
			if (part)
				NEED(hear(fd));
		}
	wrote(fd, 3 * TURNS);
	wait_go();
}

/* A zero timeout is a probe, not a wait: nothing must hang on it, whatever it lets go. */
static void probe_zero(void)
{
	int fd = dial_trained();
	struct pollfd entry = {.fd = fd, .events = POLLIN};
	char c = 0;

	say_half(fd, "line\n");
	do {
		NEED(recv(fd, &c, 1, MSG_DONTWAIT) == -1 || c == 'o');
	} while (c != 'o' && poll(&entry, 1, 0) == 0);
	NEED(hear(fd));
	wrote(fd, 5);
	wait_go();
}

static void zero_last(void)
{
	int fd = dial_trained();

	say_half(fd, "before nothing");
	NEED(write(fd, "", 0) == 0);
	wrote(fd, 14);
	wait_go();
	say(fd, "\n");
	NEED(hear(fd));
}

static void zero_last_spin(void)
{
	int fd = dial_trained();

	say_half(fd, "before nothing");
	NEED(send(fd, "", 0, 0) == 0);
	compute_until_received(14);
	wrote(fd, 14);
	wait_go();
}

static void failing_last(void)
{
	int fd = dial_trained();

	say_half(fd, "before EFAULT");
	NEED(write(fd, nowhere, 6) == -1 && errno == EFAULT);
	compute_until_received(13);
	wrote(fd, 13);
	wait_go();
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

/* More flows than one thread can keep in mind at a time. */
static void many_flows(void)
{
	int fd[24];

	for (size_t i = 0; i < COUNT_OF(fd); i++) {
		fd[i] = dial();
		if (i == 0)
			train(fd[i]);
		say(fd[i], "a");
		say(fd[i], "b\n");
		NEED(hear(fd[i]));
	}
	for (size_t i = 0; i < COUNT_OF(fd); i++)
		say_half(fd[i], "half");
	for (size_t i = 0; i < COUNT_OF(fd); i++)
		wrote(fd[i], 7);
	wait_go();
	for (size_t i = 0; i < COUNT_OF(fd); i++) {
		say(fd[i], "\n");
		while (!hear(fd[i]))
			;
	}
}

/* Calls that may block inside libc: when they are back, nothing is unsent. */
static void name_lookup(void)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST}, *result;
	int fd = dial_trained();

	say_half(fd, "looked up");
	NEED(getaddrinfo("127.0.0.1", "80", &hints, &result) == 0);
	freeaddrinfo(result);
	mark("unsent %d", unsent(fd));
	wrote(fd, 9);
	wait_go();
}

static void other_connect(void)
{
	int fd = dial_trained(), other;

	say_half(fd, "then connects");
	other = dial();
	mark("unsent %d", unsent(fd));
	wrote(fd, 13);
	wait_go();
	NEED(close(other) == 0);
}

static void other_accept(void)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	socklen_t length = sizeof(here);
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd = dial_trained();

	NEED(listen(listener, 1) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&here, &length) == 0);
	NEED(connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&here, length) == 0);
	say_half(fd, "then accepts");
	NEED(accept(listener, NULL, NULL) >= 0);
	mark("unsent %d", unsent(fd));
	wrote(fd, 12);
	wait_go();
}

static const struct verb verbs[] = {
	{"reader-join", reader_join},
	{"reader-spin", reader_spin},
	{"reader-two-writes", reader_two_writes},
	{"compute", compute},
	{"compute-getrusage", compute_getrusage},
	{"two-sockets", two_sockets},
	{"two-sockets-poll", two_sockets_poll},
	{"dup-write", dup_write},
	{"dup-turns", dup_turns},
	{"dup-close-first", dup_close_first},
	{"probe-select", probe_select},
	{"probe-poll", probe_poll},
	{"probe-zero", probe_zero},
	{"zero-last", zero_last},
	{"zero-last-spin", zero_last_spin},
	{"failing-last", failing_last},
	{"thread-ends", thread_ends},
	{"many-flows", many_flows},
	{"name-lookup", name_lookup},
	{"other-connect", other_connect},
	{"other-accept", other_accept},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
