/* The tally of a detector's hits: counts, times, and what was lost on the clock of the run, where
 * stalls of several connections at once count once. Knows no pattern. */
#include <stdlib.h>
#include <string.h>

#include "tools/find/judge.h"
#include "tools/trace/memory.h"

int compare_u64(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

void tally_hit(struct tally *tally, struct hit hit)
{
	tally->hit = memory_grow(tally->hit, tally->hits, sizeof(*tally->hit));
	tally->hit[tally->hits++] = hit;
	tally->proven += hit.proven;
}

void tally_free(struct tally *tally)
{
	free(tally->hit);
	memset(tally, 0, sizeof(*tally));
}

struct ends ends_of(size_t most)
{
	return (struct ends){
		memory_take(most, sizeof(uint64_t)), memory_take(most, sizeof(uint64_t)), 0};
}

void ends_free(struct ends *ends)
{
	free(ends->begin);
	free(ends->end);
}

/* Where as many have begun as have ended, nothing goes on: it is enough to sort each by itself. */
uint64_t ends_cover(struct ends *ends)
{
	uint64_t covered = 0;

	sort_numbers(ends->begin, ends->count);
	sort_numbers(ends->end, ends->count);
	for (size_t first = 0, i = 0; i < ends->count; i++)
		if (i + 1 == ends->count || ends->begin[i + 1] > ends->end[i]) {
			covered += ends->end[i] - ends->begin[first];
			first = i + 1;
		}
	return covered;
}

/* Of the hits of one process. *next: the least of the others behind it. */
static uint64_t lost_of_process(const struct tally *tally, bool proven_only, struct ends *ends,
	const struct run_process *process, const struct run_process **next)
{
	ends->count = 0;
	for (size_t i = 0; i < tally->hits; i++) {
		const struct hit *hit = &tally->hit[i];

		if ((proven_only && !hit->proven) || !hit->end)
			continue;
		if (hit->flow->process == process) {
			ends->begin[ends->count] = beyond(hit->end, hit->lost);
			ends->end[ends->count++] = hit->end;
		} else if (hit->flow->process > process && (!*next || hit->flow->process < *next)) {
			*next = hit->flow->process;
		}
	}
	return ends_cover(ends);
}

uint64_t tally_lost(const struct tally *tally, bool proven_only)
{
	struct ends ends = ends_of(tally->hits);
	const struct run_process *process, *next = NULL;
	uint64_t sum = 0;

	for (size_t i = 0; i < tally->hits; i++)
		if (!tally->hit[i].end && (!proven_only || tally->hit[i].proven))
			sum += tally->hit[i].lost;
	/* The first round finds out where to begin. */
	do {
		process = next;
		next = NULL;
		sum += lost_of_process(tally, proven_only, &ends, process, &next);
	} while (next);
	ends_free(&ends);
	return sum;
}

uint64_t *tally_times(const struct tally *tally)
{
	uint64_t *sorted = memory_take(tally->hits, sizeof(*sorted));

	for (size_t i = 0; i < tally->hits; i++)
		sorted[i] = tally->hit[i].timed;
	sort_numbers(sorted, tally->hits);
	return sorted;
}

uint64_t tally_quantile(const struct tally *tally, double share)
{
	uint64_t *sorted = tally_times(tally);
	const uint64_t value = quantile(sorted, tally->hits, share);

	free(sorted);
	return value;
}

static uint32_t process_of(const struct judge *judge, const struct flow_fold *flow)
{
	return (uint32_t)(flow->process - judge->fold->run->process);
}

static bool is_accompanied(const struct judge *judge, const struct hit *hit)
{
	return moments_other(judge->moments, process_of(judge, hit->flow),
		hit->flow->connection->number, beyond(hit->end, hit->lost), hit->end);
}

uint64_t tally_accompanied(struct judge *judge, const struct tally *tally)
{
	uint64_t count = 0;

	if (judge->fold->flows < 2)
		return 0;
	if (!judge->moments)
		judge->moments = moments_take(judge->fold->run);
	for (size_t i = 0; i < tally->hits; i++)
		if (tally->hit[i].end && tally->hit[i].lost)
			count += is_accompanied(judge, &tally->hit[i]);
	return count;
}
