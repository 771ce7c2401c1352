/* calls ROW THREADS ROUNDS: what one call costs, in each of so many threads on descriptors of its
 * own, in nanoseconds. least: of processor time, in the least of so many rounds of a millisecond;
 * cpu: in their mean, what is done once in a while included; both in the median of the threads.
 * wall: the run's time, over the calls of all threads. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "calls_rows.h"
#include "tests/helper/must.h"

#define ROUND_NS 1000000
#define THREADS	 64

struct place {
	struct seat seat;
	double least, mean, calls;
};

static const struct row *row;
static int rounds;
static pthread_barrier_t gate;

static uint64_t one_round(struct seat *seat, size_t calls)
{
	uint64_t began;

	if (row->before)
		row->before(seat, calls);
	began = time_of(CLOCK_THREAD_CPUTIME_ID);
	for (size_t i = 0; i < calls; i++)
		row->call(seat);
	return time_of(CLOCK_THREAD_CPUTIME_ID) - began;
}

static void measure(struct place *place)
{
	size_t calls = 1;
	double took, sum = 0;

	while (one_round(&place->seat, calls) < ROUND_NS && calls < row->most)
		calls *= 2;
	pthread_barrier_wait(&gate);
	place->least = 1e18;
	for (int i = 0; i < rounds; i++) {
		took = (double)one_round(&place->seat, calls) / (double)calls;
		place->least = took < place->least ? took : place->least;
		sum += took;
	}
	place->mean = sum / rounds;
	place->calls = (double)calls * rounds;
	pthread_barrier_wait(&gate);
}

static void *work(void *argument)
{
	struct place *place = argument;

	sit_down(&place->seat);
	measure(place);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one > other) - (one < other);
}

static void say(struct place *const *places, size_t threads, uint64_t elapsed)
{
	double least[THREADS], mean[THREADS], calls = 0;

	for (size_t i = 0; i < threads; i++) {
		least[i] = places[i]->least;
		mean[i] = places[i]->mean;
		calls += places[i]->calls;
	}
	qsort(least, threads, sizeof(*least), compare);
	qsort(mean, threads, sizeof(*mean), compare);
	printf("least %.2f\ncpu %.2f\nwall %.2f\n", least[threads / 2], mean[threads / 2],
		(double)elapsed / calls);
}

int main(int argc, char **argv)
{
	size_t threads = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
	struct place *places[THREADS];
	uint64_t began;

	MUST(threads > 0 && threads <= THREADS);
	row = row_called(argv[1]);
	rounds = atoi(argv[3]);
	pthread_barrier_init(&gate, NULL, (unsigned)threads + 1);
	for (size_t i = 0; i < threads; i++)
		go(work, places[i] = must_realloc(NULL, sizeof(**places)));
	pthread_barrier_wait(&gate);
	began = time_of(CLOCK_MONOTONIC);
	pthread_barrier_wait(&gate);
	say(places, threads, time_of(CLOCK_MONOTONIC) - began);
	return 0;
}
