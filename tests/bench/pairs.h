/* Blocks of some milliseconds in pairs, past the library and through it, in one process: what else
 * the machine does slows neighbours down alike, so their difference is what the library does.
 *
 * The library's own switch would not do: while it is off, a read takes 20 ns more than a bare one.
 */
#ifndef BENCH_PAIRS_H
#define BENCH_PAIRS_H

#include <stddef.h>

#define PAIRS_ROUNDS  16 /* at most */
#define PAIRS_FIGURES 3

struct pairs {
	double bare[PAIRS_ROUNDS * 4 * 2], added[PAIRS_ROUNDS * 4], again[PAIRS_ROUNDS * 4];
	size_t bares, addeds, agains;
};

/* Past and through, past and past, in both orders, in each of so many rounds; one more before them
 * is not kept, for the library learns in it. block(): what a call took, in nanoseconds, in a block
 * of calls that go past the library (0) or through it (1): see via_choose(). When it returns, no
 * turn is open that the library knows of. */
void pairs_run(struct pairs *pairs, int rounds, double (*block)(void *of, int seen), void *of);

/* figures: without the library; what it adds; what being without it once more adds, which ought to
 * be nothing. Medians of the blocks, and of the differences of pairs. */
void pairs_figures(struct pairs *pairs, double figures[PAIRS_FIGURES]);

double median(double *values, size_t count);

void pairs_print(const double figures[PAIRS_FIGURES]);

#endif
