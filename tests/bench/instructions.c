/* instructions ROW: makes the calls of that row, COUNT of them to get used to it and COUNT more in
 * counted_calls(), where callgrind counts (instructions.py).
 *
 * Time is this program's own: the library's calls of clock_gettime() come here, for the program is
 * searched before libc. Below valgrind everything is slow, and a pause that is too long leads
 * another way through the library. Prints how often it was asked for the time: never, where turns
 * are learnt, means that the library has another clock, and that counts vary. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "calls_rows.h"
#include "tests/helper/must.h"

#define COUNT	   2048 /* a power of two: what is divided by it stays exact */
#define SECOND	   1000000000u
#define READING	   1000u    /* ns that pass from one look at the clock to the next */
#define BETWEEN	   2000000u /* and from turn to turn: at full speed the kernel is asked, too */
#define SINCE_BOOT 3600u

static uint64_t now = (uint64_t)SINCE_BOOT * SECOND, asked;

int clock_gettime(clockid_t clock, struct timespec *time)
{
	(void)clock;
	asked++;
	now += READING;
	time->tv_sec = (time_t)(now / SECOND);
	time->tv_nsec = (long)(now % SECOND);
	return 0;
}

static void calls(const struct row *row, struct seat *seat, uint64_t pause)
{
	for (int i = 0; i < COUNT; i++) {
		now += pause;
		row->call(seat);
	}
}

/* The other end's calls, and what is learnt, are not made in here. gcc may add to its name. */
static __attribute__((noinline)) void counted_calls(
	const struct row *row, struct seat *seat, uint64_t pause)
{
	calls(row, seat, pause);
}

static void prepare(const struct row *row, struct seat *seat)
{
	if (row->before)
		row->before(seat, COUNT);
}

int main(int argc, char **argv)
{
	static struct seat seat;
	const struct row *row;
	uint64_t pause;

	MUST(argc == 2);
	row = row_called(argv[1]);
	MUST(COUNT <= row->most);
	pause = strncmp(row->name, "turn", 4) == 0 ? BETWEEN : 0;
	sit_down(&seat);
	poll(NULL, 0, 0); /* the turns of that are over */
	prepare(row, &seat);
	calls(row, &seat, pause);
	prepare(row, &seat);
	counted_calls(row, &seat, pause);
	printf("count %d\nasked %llu\n", COUNT, (unsigned long long)asked);
	return 0;
}
