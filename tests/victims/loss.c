/* Writes without end, and counts what its writes returned for where the harness sees it, until it
 * is killed. A file of its own, for its stream is checked by its pattern. */
#include "tests/victims/victim.h"

static volatile sig_atomic_t over;

static void say_over(int number)
{
	over = number;
}

static void leave(int number)
{
	exit(number);
}

static void leave_now(int number)
{
	_exit(number);
}

static void write_until_over(void)
{
	struct page *page = page_of_harness();
	unsigned char record[50];
	int fd = dial();

	for (uint64_t at = 0; !over; at += sizeof(record)) {
		for (uint64_t i = 0; i < sizeof(record); i++)
			record[i] = (unsigned char)((at + i) ^ ((at + i) >> 8));
		NEED(write(fd, record, sizeof(record)) == sizeof(record));
		atomic_store(&page->written, at + sizeof(record));
	}
}

static void killed(void)
{
	write_until_over();
}

static void killed_and_returns(void)
{
	NEED(signal(SIGTERM, say_over) != SIG_ERR);
	write_until_over();
}

static void killed_and_exits(void)
{
	NEED(signal(SIGTERM, leave) != SIG_ERR);
	write_until_over();
}

static void killed_and_exits_now(void)
{
	NEED(signal(SIGTERM, leave_now) != SIG_ERR);
	write_until_over();
}

static const struct verb verbs[] = {
	{"killed", killed},
	{"killed-and-returns", killed_and_returns},
	{"killed-and-exits", killed_and_exits},
	{"killed-and-exits-now", killed_and_exits_now},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
