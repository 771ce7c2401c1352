/* killed SEED: writes on six connections, by threads and by a child, until it is killed. What its
 * writes have returned for is counted in the page, after they have. */
#include <linux/futex.h>
#include <pthread.h>

#include "tests/helper/killed.h"
#include "tests/victims/victim.h"

#define LARGEST 300 /* bytes a write */

static struct killed_page *page;
static uint64_t seed;
static int fds[KILLED_LINKS];
static uint64_t dice[KILLED_LINKS], at[KILLED_LINKS];

static void begin(unsigned link)
{
	char number = (char)link;

	fds[link] = dial();
	dice[link] = seed * 64 + link;
	NEED(RAW3(SYS_write, fds[link], &number, 1) == 1);
}

static size_t draw_size(unsigned link)
{
	return killed_draw(&dice[link]) % LARGEST + 1;
}

static void put(unsigned link, size_t size)
{
	char bytes[LARGEST];

	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)killed_byte(link, at[link] + i);
	at[link] += size;
	atomic_store(&page->begun[link], at[link]);
	NEED(write(fds[link], bytes, size) == (ssize_t)size);
	atomic_store(&page->returned[link], at[link]);
	/* Which is faster than all others. */
	if (link != LINK_STREAM && atomic_fetch_add(&page->writes, 1) + 1 == page->kill_at) {
		atomic_store(&page->due, 1);
		RAW3(SYS_futex, &page->due, FUTEX_WAKE, 1);
	}
}

/* The peer knows where a turn ends before its last write. */
static void put_turn(unsigned link, unsigned writes)
{
	size_t size[3], sum = 0;

	for (unsigned i = 0; i < writes; i++)
		sum += size[i] = draw_size(link);
	atomic_store(&page->turn_end[link], at[link] + sum);
	for (unsigned i = 0; i < writes; i++)
		put(link, size[i]);
}

static void hear_answer(unsigned link)
{
	char byte;

	NEED(read(fds[link], &byte, 1) == 1);
}

_Noreturn static void turns(unsigned link)
{
	for (;;) {
		put_turn(link, 2);
		hear_answer(link);
	}
}

_Noreturn static void *by_turns(void *unused)
{
	(void)unused;
	turns(LINK_TURNS);
}

_Noreturn static void *by_stream(void *unused)
{
	(void)unused;
	for (;;)
		put(LINK_STREAM, draw_size(LINK_STREAM));
}

/* A process of two threads. */
_Noreturn static void *carries(void *unused)
{
	(void)unused;
	turns(LINK_CARRIED);
}

_Noreturn static void child(void)
{
	pthread_t thread;

	begin(LINK_CHILD);
	NEED(pthread_create(&thread, NULL, carries, NULL) == 0);
	turns(LINK_CHILD);
}

/* The unread one has answers in it from its first turn on, and a write of its own each round. */
_Noreturn static void in_main(void)
{
	for (;;) {
		struct pollfd wanted = {.fd = fds[LINK_VARIES], .events = POLLIN};

		put_turn(LINK_VARIES, 1 + (unsigned)(killed_draw(&dice[LINK_VARIES]) % 3));
		NEED(poll(&wanted, 1, -1) == 1);
		hear_answer(LINK_VARIES);
		put_turn(LINK_UNREAD, 2);
	}
}

int main(int argc, char **argv)
{
	pthread_t thread;
	pid_t pid;

	NEED(argc > 1);
	seed = strtoull(argv[1], NULL, 10);
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, PAGE_FD, 0);
	NEED(page != MAP_FAILED);
	atomic_store(&page->pid, getpid());
	begin(LINK_CARRIED);
	put_turn(LINK_CARRIED, 2);
	hear_answer(LINK_CARRIED);
	put(LINK_CARRIED, draw_size(LINK_CARRIED)); /* may be held, or collected */
	pid = fork();
	NEED(pid >= 0);
	if (pid == 0)
		child();
	atomic_store(&page->child, pid);
	for (unsigned link = 0; link <= LINK_UNREAD; link++)
		begin(link);
	NEED(pthread_create(&thread, NULL, by_turns, NULL) == 0);
	NEED(pthread_create(&thread, NULL, by_stream, NULL) == 0);
	in_main();
}
