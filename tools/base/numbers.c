/* Sorting numbers, of which there are as many as turns, and what a share of them is below. */
#include "tools/base/numbers.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"

#define FEW    32
#define DIGIT  8u /* bits */
#define DIGITS (1u << DIGIT)

static void sort_few(uint64_t *number, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const uint64_t now = number[i];
		size_t at = i;

		for (; at && number[at - 1] > now; at--)
			number[at] = number[at - 1];
		number[at] = now;
	}
}

static size_t digit_of(uint64_t number, unsigned shift)
{
	return number >> shift & (DIGITS - 1);
}

/* Puts each number among those of its digit; end[digit] is where these end. */
static void sort_by_digit(uint64_t *number, size_t count, unsigned shift, size_t end[DIGITS])
{
	size_t next[DIGITS];

	memset(end, 0, DIGITS * sizeof(*end));
	for (size_t i = 0; i < count; i++)
		end[digit_of(number[i], shift)]++;
	for (size_t digit = 0, at = 0; digit < DIGITS; digit++) {
		next[digit] = at;
		end[digit] = at += end[digit];
	}
	/* What stands in the way is put where it belongs, and so on. */
	for (size_t digit = 0; digit < DIGITS; digit++)
		while (next[digit] < end[digit]) {
			uint64_t now = number[next[digit]];
			for (size_t d; (d = digit_of(now, shift)) != digit;) {
				const uint64_t other = number[next[d]];
				number[next[d]++] = now;
				now = other;
			}
			number[next[digit]++] = now;
		}
}

/* Numbers that differ in the lowest `bits` only. There may be as many as turns: no room is taken
 * for a copy. */
static void sort_below(uint64_t *number, size_t count, unsigned bits)
{
	const unsigned shift = bits > DIGIT ? bits - DIGIT : 0;
	size_t end[DIGITS];

	if (!bits)
		return;
	if (count < FEW) {
		sort_few(number, count);
		return;
	}
	sort_by_digit(number, count, shift, end);
	for (size_t digit = 0, first = 0; digit < DIGITS; first = end[digit++])
		sort_below(number + first, end[digit] - first, shift);
}

void sort_numbers(uint64_t *number, size_t count)
{
	uint64_t differ = 0;
	size_t sorted = count ? 1 : 0;

	while (sorted < count && number[sorted - 1] <= number[sorted])
		sorted++;
	if (sorted == count)
		return;
	for (size_t i = 1; i < count; i++)
		differ |= number[i] ^ number[0];
	sort_below(number, count, 64 - (unsigned)__builtin_clzll(differ));
}

uint64_t quantile(const uint64_t *sorted, size_t count, double share)
{
	return count ? sorted[(size_t)(share * (double)(count - 1) + 0.5)] : 0;
}

int compare_first(const void *left, const void *right)
{
	const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

void weighed_sort(struct weighed *number, size_t count)
{
	if (count)
		qsort(number, count, sizeof(*number), compare_first);
}

uint64_t weighed_quantile(const struct weighed *number, size_t count, uint64_t all, double share)
{
	uint64_t rank = (uint64_t)(share * (double)(all - 1) + 0.5);
	size_t i = 0;

	for (; i + 1 < count && rank >= number[i].times; i++)
		rank -= number[i].times;
	return count ? number[i].number : 0;
}

uint32_t order_number(
	struct order *order, int (*compare)(const void *with, uint32_t number), const void *with)
{
	size_t low = 0, high = order->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int is = compare(with, order->number[middle]);

		if (!is)
			return order->number[middle];
		if (is < 0)
			low = middle + 1;
		else
			high = middle;
	}
	order->number = memory_grow(order->number, order->count, sizeof(*order->number));
	memmove(&order->number[low + 1], &order->number[low],
		(order->count - low) * sizeof(*order->number));
	return order->number[low] = order->count++;
}
