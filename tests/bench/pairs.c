/* Pairs of blocks and their medians. Knows neither what is measured nor how long a block is. */
#include "pairs.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/helper/must.h"

#define WARM 1

/* 1: through the library. */
static const struct {
	int first, second;
} order[] = {{0, 1}, {0, 0}, {1, 0}, {0, 0}};

#define ORDERS (sizeof(order) / sizeof(*order))

static void keep(struct pairs *pairs, int first, double one, int second, double other)
{
	if (!first)
		pairs->bare[pairs->bares++] = one;
	if (!second)
		pairs->bare[pairs->bares++] = other;
	if (first == second)
		pairs->again[pairs->agains++] = other - one;
	else
		pairs->added[pairs->addeds++] = first ? one - other : other - one;
}

void pairs_run(struct pairs *pairs, int rounds, double (*block)(void *of, int seen), void *of)
{
	double one, other;

	MUST(rounds > 0 && rounds <= PAIRS_ROUNDS);
	pairs->bares = pairs->addeds = pairs->agains = 0;
	for (int i = -WARM; i < rounds; i++) {
		for (size_t o = 0; o < ORDERS; o++) {
			one = block(of, order[o].first);
			other = block(of, order[o].second);
			if (i >= 0)
				keep(pairs, order[o].first, one, order[o].second, other);
		}
	}
}

static int compare(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one > other) - (one < other);
}

double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return (values[count / 2] + values[(count - 1) / 2]) / 2;
}

void pairs_figures(struct pairs *pairs, double figures[PAIRS_FIGURES])
{
	figures[0] = median(pairs->bare, pairs->bares);
	figures[1] = median(pairs->added, pairs->addeds);
	figures[2] = median(pairs->again, pairs->agains);
}

void pairs_print(const double figures[PAIRS_FIGURES])
{
	printf("bare %.3f\nadded %.3f\nagain %.3f\n", figures[0], figures[1], figures[2]);
}
