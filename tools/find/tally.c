/* The tally of a detector's hits: counts, times, and what was lost on the clock of the run, where
 * stalls of several connections at once count once. Knows no pattern. */
#include <stdlib.h>
#include <string.h>

#include "tools/find/judge.h"
#include "tools/base/memory.h"
#include "tools/base/packed.h"

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
	hit->flow = (const struct flow_fold *)((uintptr_t)hit->flow + (uintptr_t)unfold_sign(flow));
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

static bool counts(const struct hit *hit, bool proven_only)
{
	return hit->end && (!proven_only || hit->proven);
}

/* The processes that have hits, from the first to behind the last: they are of one array. */
struct processes {
	const struct run_process *first, *end;
};

static size_t count_of(const struct processes *all)
{
	return all->first ? (size_t)(all->end - all->first) : 0;
}

static struct processes processes_of(const struct tally *tally, bool proven_only)
{
	struct hits hits = {.tally = tally};
	struct processes all = {NULL, NULL};

	while (hits_next(&hits)) {
		const struct run_process *process =
			counts(&hits.hit, proven_only) ? hits.hit.flow->process : NULL;
		if (!process)
			continue;
		if (!all.first || process < all.first)
			all.first = process;
		if (!all.end || process >= all.end)
			all.end = process + 1;
	}
	return all;
}

/* Sorts them by their processes. */
static void put_hits(struct ends_groups *groups, const struct tally *tally, bool proven_only,
	const struct run_process *first)
{
	struct hits count = {.tally = tally}, put = {.tally = tally};

	while (hits_next(&count))
		if (counts(&count.hit, proven_only))
			groups_count(groups, (size_t)(count.hit.flow->process - first));
	groups_begin(groups);
	while (hits_next(&put))
		if (counts(&put.hit, proven_only))
			groups_put(groups, (size_t)(put.hit.flow->process - first),
				beyond(put.hit.end, put.hit.lost), put.hit.end);
}

static uint64_t lost_untimed(const struct tally *tally, bool proven_only)
{
	struct hits hits = {.tally = tally};
	uint64_t sum = 0;

	while (hits_next(&hits))
		if (!hits.hit.end && (!proven_only || hits.hit.proven))
			sum += hits.hit.lost;
	return sum;
}

uint64_t tally_lost(const struct tally *tally, bool proven_only)
{
	const struct processes all = processes_of(tally, proven_only);
	const size_t count = count_of(&all);
	struct ends_groups groups = groups_of(count, tally->hits);
	uint64_t sum = lost_untimed(tally, proven_only);

	put_hits(&groups, tally, proven_only, all.first);
	for (size_t p = 0; p < count; p++) {
		struct ends part = groups_part(&groups, p);
		sum += ends_cover(&part);
	}
	groups_free(&groups);
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
