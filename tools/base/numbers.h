/* Many numbers: sorted, what a share of them is below, and those of things in order. */
#ifndef SOCKFIX_NUMBERS_H
#define SOCKFIX_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

/* The value at that share (0..1) of sorted ones; 0 of none. */
uint64_t quantile(const uint64_t *sorted, size_t count, double share);
void sort_numbers(uint64_t *number, size_t count);
/* For qsort(), of things whose first member is a uint64_t: by that. */
int compare_first(const void *left, const void *right);

/* A number that is there so often. */
struct weighed {
	uint64_t number, times;
};
void weighed_sort(struct weighed *number, size_t count);
/* As quantile(); all: their times, added up. */
uint64_t weighed_quantile(const struct weighed *number, size_t count, uint64_t all, double share);

/* Numbers of things (0, 1, ...), kept in the order of the things. */
struct order {
	uint32_t *number;
	uint32_t count;
};
/* compare(with, number): the order of that thing against the one looked for. Returns that one's
 * number; where it is not among them it gets the next, which is order->count - 1 then. */
uint32_t order_number(
	struct order *order, int (*compare)(const void *with, uint32_t number), const void *with);

#endif
