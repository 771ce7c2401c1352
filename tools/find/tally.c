/* The tally of a detector's hits: counts, times, and what was lost on the clock of the run, where
 * stalls of several connections at once count once. Knows no pattern. */
#include <stdlib.h>
#include <string.h>

#include "tools/find/judge.h"
#include "tools/trace/memory.h"
#include "tools/trace/packed.h"

int compare_u64(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

void tally_hit(struct tally *tally, struct hit hit)
{
	const struct hit *last = &tally->last;
	const uint64_t number[] = {
		fold_sign((uintptr_t)hit.flow - (uintptr_t)last->flow),
		fold_sign((uint64_t)hit.turn - last->turn) << 1 | hit.proven,
		hit.timed,
		fold_sign(hit.timed - hit.lost),
		fold_sign((uint64_t)hit.end - last->end),
	};

	packed_add(&tally->packed, number, sizeof(number) / sizeof(*number));
	tally->last = hit;
	tally->hits++;
	tally->proven += hit.proven;
}

bool hits_next(struct hits *hits)
{
	struct hit *hit = &hits->hit;
	uint64_t flow, turn, lost, end;

	if (hits->seen++ == hits->tally->hits)
		return false;
	hits->at = hits->at ? hits->at : hits->tally->packed.byte;
	hits->at = packed_get(packed_get(hits->at, &flow), &turn);
	hits->at = packed_get(packed_get(hits->at, &hit->timed), &lost);
	hits->at = packed_get(hits->at, &end);
	hit->flow = (const struct flow_fold *)((uintptr_t)hit->flow + unfold_sign(flow));
	hit->proven = turn & 1;
	hit->turn += (uint32_t)unfold_sign(turn >> 1);
	hit->lost = hit->timed - unfold_sign(lost);
	hit->end += unfold_sign(end);
	return true;
}

void tally_free(struct tally *tally)
{
	packed_free(&tally->packed);
	memset(tally, 0, sizeof(*tally));
}

/* Of the hits of one process. *next: the least of the others behind it. */
static uint64_t lost_of_process(const struct tally *tally, bool proven_only, struct ends *ends,
	const struct run_process *process, const struct run_process **next)
{
	struct hits hits = {.tally = tally};

	ends->count = 0;
	while (hits_next(&hits)) {
		const struct hit *hit = &hits.hit;

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
	struct hits hits = {.tally = tally};
	uint64_t sum = 0;

	while (hits_next(&hits))
		if (!hits.hit.end && (!proven_only || hits.hit.proven))
			sum += hits.hit.lost;
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
	struct hits hits = {.tally = tally};

	while (hits_next(&hits))
		sorted[hits.seen - 1] = hits.hit.timed;
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
	struct hits hits = {.tally = tally};
	uint64_t count = 0;

	if (judge->fold->flows < 2)
		return 0;
	if (!judge->moments)
		judge->moments = moments_take(judge->fold->run);
	while (hits_next(&hits))
		if (hits.hit.end && hits.hit.lost)
			count += is_accompanied(judge, &hits.hit);
	return count;
}
