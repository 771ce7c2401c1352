/* Sorting numbers, of which there are as many as turns, and what a share of them is below. */
#include <stdlib.h>
#include <string.h>

#include "tools/trace/fold_parts.h"
#include "tools/trace/memory.h"

#define FEW	 256
#define DIGIT	 11 /* bits */
#define DIGITS	 (1u << DIGIT)
#define ALL_BITS 64

static int compare_numbers(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* By that digit alone, into `sorted`; false: all have the same one, and stay where they are. */
static bool sort_by_digit(const uint64_t *number, size_t count, unsigned shift, uint64_t *sorted)
{
	size_t next[DIGITS] = {0}, at = 0;

	for (size_t i = 0; i < count; i++)
		next[number[i] >> shift & (DIGITS - 1)]++;
	if (next[number[0] >> shift & (DIGITS - 1)] == count)
		return false;
	for (size_t digit = 0; digit < DIGITS; digit++) {
		const size_t times = next[digit];
		next[digit] = at;
		at += times;
	}
	for (size_t i = 0; i < count; i++)
		sorted[next[number[i] >> shift & (DIGITS - 1)]++] = number[i];
	return true;
}

void sort_numbers(uint64_t *number, size_t count)
{
	uint64_t *room, *from = number, *to;
	size_t sorted = count ? 1 : 0;

	while (sorted < count && number[sorted - 1] <= number[sorted])
		sorted++;
	if (sorted == count)
		return;
	if (count < FEW) {
		qsort(number, count, sizeof(*number), compare_numbers);
		return;
	}
	to = room = memory_take(count, sizeof(*room));
	for (unsigned shift = 0; shift < ALL_BITS; shift += DIGIT)
		if (sort_by_digit(from, count, shift, to)) {
			uint64_t *other = from;
			from = to;
			to = other;
		}
	if (from != number)
		memcpy(number, from, count * sizeof(*number));
	free(room);
}

uint64_t quantile(const uint64_t *sorted, size_t count, double share)
{
	return count ? sorted[(size_t)(share * (double)(count - 1) + 0.5)] : 0;
}

static int compare_weighed(const void *left, const void *right)
{
	const struct weighed *a = left, *b = right;

	return a->number < b->number ? -1 : a->number > b->number;
}

void weighed_sort(struct weighed *number, size_t count)
{
	if (count)
		qsort(number, count, sizeof(*number), compare_weighed);
}

uint64_t weighed_quantile(const struct weighed *number, size_t count, uint64_t all, double share)
{
	uint64_t rank = (uint64_t)(share * (double)(all - 1) + 0.5);
	size_t i = 0;

	for (; i + 1 < count && rank >= number[i].times; i++)
		rank -= number[i].times;
	return count ? number[i].number : 0;
}
