/* Many numbers: sorted, and what a share of them is below. */
#ifndef SOCKFIX_NUMBERS_H
#define SOCKFIX_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

/* The value at that share (0..1) of sorted ones; 0 of none. */
uint64_t quantile(const uint64_t *sorted, size_t count, double share);
void sort_numbers(uint64_t *number, size_t count);

/* A number that is there so often. */
struct weighed {
	uint64_t number, times;
};
void weighed_sort(struct weighed *number, size_t count);
/* As quantile(); all: their times, added up. */
uint64_t weighed_quantile(const struct weighed *number, size_t count, uint64_t all, double share);

#endif
