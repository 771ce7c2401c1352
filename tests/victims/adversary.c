/* Programs that teach the library to hold, and then wait where it cannot see it: adversary KIND
 * TURNS. A turn is a line of two writes and its answer, so a count of two is learnt; one turn in
 * ten is a line of one write, which is therefore held, and whose answer is waited for in the way of
 * the KIND. They set TCP_NODELAY, as careful programs do: bare, no turn is ever stalled. */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <time.h>
#include <ucontext.h>

#include "tests/victims/ring.h"
#include "tests/victims/victim.h"

static int fd, turns;
static uint64_t dice = 88172645463325252u;

/* Even for the same run after run: Marsaglia's xorshift. */
static unsigned roll(unsigned sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)(dice >> 20) % sides;
}

static void dial_at(const char *address)
{
	struct sockaddr_storage at;
	const socklen_t length = address_of(address, atoi(env_or("VICTIM_PORT", "0")), &at);
	const int yes = 1;

	NEED((fd = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	NEED(connect(fd, (struct sockaddr *)&at, length) == 0);
	NEED(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) == 0);
}

static bool answered_raw(int timeout)
{
	struct pollfd at = {fd, POLLIN, 0};

	return raw_poll(&at, timeout) == 1;
}

static int waiting(void)
{
	int bytes = 0;

	NEED(ioctl(fd, FIONREAD, &bytes) == 0);
	return bytes;
}

/* ---- waits of the thread that wrote: each comes back when the answer is there ---- */

static void by_poll(void)
{
	struct pollfd at = {fd, POLLIN, 0};

	while (poll(&at, 1, 0) == 0)
		;
}

static void by_select(void)
{
	struct timeval none = {0, 0};
	fd_set set;

	do {
		FD_ZERO(&set);
		FD_SET(fd, &set);
	} while (select(fd + 1, &set, NULL, NULL, &none) == 0);
}

static void by_epoll(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	const int set = epoll_create1(0);

	NEED(set >= 0 && epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0);
	while (epoll_wait(set, &event, 1, 0) == 0)
		;
	close(set);
}

static void by_fionread(void)
{
	while (waiting() == 0)
		;
}

static void by_peek(void)
{
	char c;

	while (recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == -1)
		NEED(errno == EAGAIN);
}

static void by_yield(void)
{
	while (!answered_raw(0))
		sched_yield();
}

/* A system call of the program's own, which nobody sees. */
static void by_instruction(void)
{
	answered_raw(-1);
}

static void by_spinning_instruction(void)
{
	while (!answered_raw(0))
		;
}

static void by_ring(void)
{
	char line[3];

	for (unsigned got = 0; got < 3;) {
		int more = ring_receive(fd, line + got, 3 - got);

		NEED(more > 0);
		got += (unsigned)more;
	}
}

static ucontext_t writing, waiting_elsewhere;

static void wait_elsewhere(void)
{
	for (;;) {
		by_spinning_instruction();
		NEED(swapcontext(&waiting_elsewhere, &writing) == 0);
	}
}

static void by_context(void)
{
	static char stack[1 << 16];

	if (!waiting_elsewhere.uc_stack.ss_sp) {
		NEED(getcontext(&waiting_elsewhere) == 0);
		waiting_elsewhere.uc_stack.ss_sp = stack;
		waiting_elsewhere.uc_stack.ss_size = sizeof(stack);
		makecontext(&waiting_elsewhere, wait_elsewhere, 0);
	}
	NEED(swapcontext(&writing, &waiting_elsewhere) == 0);
}

/* ---- waits for another thread, which reads the answer ---- */

static atomic_int asked, heard;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int bell, ends[2];
static FILE *stream;

/* Reads what it is asked to, and tells; it waits without a call. */
static void *reader(void *tell)
{
	for (int done = 0;; done++) {
		while (atomic_load(&asked) == done)
			;
		if (!hear(fd))
			return NULL;
		atomic_store(&heard, done + 1);
		((void (*)(void))tell)();
	}
}

static void tell_nobody(void)
{
}

static void tell_eventfd(void)
{
	NEED(eventfd_write(bell, 1) == 0);
}

static void tell_pipe(void)
{
	NEED(write(ends[1], "k", 1) == 1);
}

static void by_memory(void)
{
	while (atomic_load(&heard) < atomic_load(&asked))
		;
}

static void by_mutex(void)
{
	bool done = false;

	while (!done) {
		pthread_mutex_lock(&gate);
		done = atomic_load(&heard) >= atomic_load(&asked);
		pthread_mutex_unlock(&gate);
	}
}

static void by_eventfd(void)
{
	eventfd_t count;

	NEED(eventfd_read(bell, &count) == 0);
}

static void by_pipe(void)
{
	char c;

	NEED(read(ends[0], &c, 1) == 1);
}

static void by_stream(void)
{
	NEED(getc(stream) == 'k');
}

/* ---- writers ---- */

/* writes: small ones; all in one line. */
static void *write_line(void *writes)
{
	const int count = (int)(long)writes;

	for (int i = 1; i < count; i++)
		say(fd, "word ");
	say(fd, "end\n");
	return NULL;
}

static void compute(long us)
{
	struct timespec now, then;

	clock_gettime(CLOCK_MONOTONIC, &then);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - then.tv_sec) * 1000000000 + now.tv_nsec - then.tv_nsec < us * 1000);
}

static void write_slowly(int writes)
{
	(void)writes;
	say(fd, "word ");
	compute(10000); /* ten times what a hold may take here before it is late */
	say(fd, "end\n");
}

/* The peer could work on the first meanwhile. */
static void write_pieces(int writes)
{
	(void)writes;
	say(fd, "word ");
	compute(300);
	say(fd, "end\n");
}

static void write_here(int writes)
{
	write_line((void *)(long)writes);
}

static void write_in_thread(int writes)
{
	pthread_t thread;

	NEED(pthread_create(&thread, NULL, write_line, (void *)(long)writes) == 0);
	NEED(pthread_detach(thread) == 0);
}

static int one_in_ten(void)
{
	return roll(10) == 0 ? 1 : 2;
}

static int one(void)
{
	return 1;
}

static int one_to_four(void)
{
	return 1 + (int)roll(4);
}

/* ---- the kinds ---- */

static const struct kind {
	const char *name;
	void (*wait)(void);	   /* NULL: the read itself */
	void (*tell)(void);	   /* of a thread that reads; NULL: the writer does */
	int (*writes)(void);	   /* of a turn; NULL: one in ten is one of one write */
	void (*write)(int writes); /* on hidden turns; NULL: one after the other */
	bool ends;		   /* the wait has read the answer, too */
	int addresses;		   /* so many peers in turns, 127.0.0.1 and up; 0: one */
} kind_table[] = {
	{.name = "poll", .wait = by_poll},
	{.name = "select", .wait = by_select},
	{.name = "epoll", .wait = by_epoll},
	{.name = "fionread", .wait = by_fionread},
	{.name = "peek", .wait = by_peek},
	{.name = "yield", .wait = by_yield},
	{.name = "instruction", .wait = by_instruction},
	{.name = "spinning", .wait = by_spinning_instruction},
	{.name = "random", .writes = one_to_four},
	{.name = "random-instruction", .wait = by_instruction, .writes = one_to_four},
	{.name = "computes", .write = write_slowly},
	{.name = "pieces", .write = write_pieces, .writes = one},
	{.name = "thread-writes", .wait = by_instruction, .write = write_in_thread},
	{.name = "memory", .wait = by_memory, .tell = tell_nobody, .ends = true},
	{.name = "mutex", .wait = by_mutex, .tell = tell_nobody, .ends = true},
	{.name = "eventfd", .wait = by_eventfd, .tell = tell_eventfd, .ends = true},
	{.name = "pipe", .wait = by_pipe, .tell = tell_pipe, .ends = true},
	{.name = "stdio", .wait = by_stream, .tell = tell_pipe, .ends = true},
	{.name = "setcontext", .wait = by_context},
	{.name = "io_uring", .wait = by_ring, .ends = true},
	{.name = "endpoints", .wait = by_instruction, .addresses = 48},
};

static void turn_of(const struct kind *kind)
{
	const int writes = kind->writes ? kind->writes() : one_in_ten();
	const bool hidden = writes == 1 && (kind->wait || kind->write);

	(hidden && kind->write ? kind->write : write_here)(writes);
	atomic_fetch_add(&asked, hidden);
	if (hidden && kind->wait)
		kind->wait();
	if (!hidden || !kind->ends)
		NEED(hear(fd));
}

static void play(const struct kind *kind)
{
	pthread_t thread;

	dial_at("127.0.0.1");
	NEED((bell = eventfd(0, 0)) >= 0 && pipe(ends) == 0 && (stream = fdopen(ends[0], "r")));
	if (kind->wait == by_ring)
		ring_open();
	if (kind->tell)
		NEED(pthread_create(&thread, NULL, reader, (void *)kind->tell) == 0);
	for (int i = 0; i < turns; i++)
		turn_of(kind);
}

static void play_everywhere(const struct kind *kind)
{
	char address[32];
	int peers[64];

	for (int p = 0; p < kind->addresses; p++) {
		snprintf(address, sizeof(address), "127.0.0.%d", 1 + p);
		dial_at(address);
		peers[p] = fd;
	}
	for (int i = 0; i < turns; i++) {
		fd = peers[i % kind->addresses];
		turn_of(kind);
	}
}

int main(int argc, char **argv)
{
	NEED(argc == 3);
	turns = atoi(argv[2]);
	for (size_t i = 0; i < COUNT_OF(kind_table); i++)
		if (strcmp(kind_table[i].name, argv[1]) == 0) {
			(kind_table[i].addresses ? play_everywhere : play)(&kind_table[i]);
			mark("%d turns", turns);
			return 0;
		}
	die("no such kind");
}
