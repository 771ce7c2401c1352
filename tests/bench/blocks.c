/* blocks ROW THREADS: what one call costs without the library and with it, in each of so many
 * threads, by pairs of blocks (pairs.h): nanoseconds of processor time, in the median thread. */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "bench.h"
#include "calls_rows.h"
#include "pairs.h"
#include "tests/helper/must.h"

/* A block takes half as long at least. All that a flow sends in blocks of that length fits into
 * its buffer, and no segment goes out: see calls_rows.c. */
#define BLOCK_NS 2000000
#define THREADS	 64

struct place {
	struct seat seat;
	struct pairs pairs;
	size_t calls;
};

static const struct row *row;
static pthread_barrier_t gate, each;

static uint64_t time_calls(struct place *place)
{
	uint64_t began;

	if (row->before)
		row->before(&place->seat, place->calls);
	began = time_of(CLOCK_THREAD_CPUTIME_ID);
	for (size_t i = 0; i < place->calls; i++)
		row->call(&place->seat);
	return time_of(CLOCK_THREAD_CPUTIME_ID) - began;
}

/* All threads go the same way: they come to each block together. */
static double block(void *of, int seen)
{
	struct place *place = of;
	double took;

	if (pthread_barrier_wait(&each) == PTHREAD_BARRIER_SERIAL_THREAD)
		via_choose(seen);
	pthread_barrier_wait(&each);
	took = (double)time_calls(place) / (double)place->calls;
	poll(NULL, 0, 0); /* turns that the library knows of are over */
	return took;
}

static void *work(void *argument)
{
	struct place *place = argument;

	sit_down(&place->seat);
	place->calls = 1;
	while (place->calls < row->most && time_calls(place) < BLOCK_NS / 2)
		place->calls *= 2;
	poll(NULL, 0, 0);
	pairs_run(&place->pairs, PAIRS_ROUNDS, block, place);
	pthread_barrier_wait(&gate);
	return NULL;
}

static void say(struct place *const *places, size_t threads)
{
	double figures[PAIRS_FIGURES], of[PAIRS_FIGURES][THREADS];

	for (size_t i = 0; i < threads; i++) {
		pairs_figures(&places[i]->pairs, figures);
		for (int f = 0; f < PAIRS_FIGURES; f++)
			of[f][i] = figures[f];
	}
	for (int f = 0; f < PAIRS_FIGURES; f++)
		figures[f] = median(of[f], threads);
	pairs_print(figures);
}

int main(int argc, char **argv)
{
	size_t threads = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	struct place *places[THREADS];

	MUST(threads > 0 && threads <= THREADS);
	row = row_called(argv[1]);
	pthread_barrier_init(&gate, NULL, (unsigned)threads + 1);
	pthread_barrier_init(&each, NULL, (unsigned)threads);
	for (size_t i = 0; i < threads; i++)
		go(work, places[i] = must_realloc(NULL, sizeof(**places)));
	pthread_barrier_wait(&gate);
	say(places, threads);
	return 0;
}
