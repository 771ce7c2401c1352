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

static int compare_processes(const void *left, const void *right)
{
	const struct stretch *a = left, *b = right;

	return a->process < b->process ? -1 : a->process > b->process;
}

/* Where as many have begun as have ended, nothing goes on: it is enough to sort each by itself. */
static uint64_t cover_of_process(const struct stretch *stretch, size_t count)
{
	uint64_t *begin = memory_take(count, sizeof(*begin));
	uint64_t *end = memory_take(count, sizeof(*end)), covered = 0;

	for (size_t i = 0; i < count; i++) {
		begin[i] = stretch[i].begin;
		end[i] = stretch[i].end;
	}
	sort_numbers(begin, count);
	sort_numbers(end, count);
	for (size_t first = 0, i = 0; i < count; i++)
		if (i + 1 == count || begin[i + 1] > end[i]) {
			covered += end[i] - begin[first];
			first = i + 1;
		}
	free(begin);
	free(end);
	return covered;
}

uint64_t stretches_cover(struct stretch *stretch, size_t count)
{
	uint64_t covered = 0;

	/* As a rule they come process by process. */
	for (size_t i = 1; i < count; i++)
		if (compare_processes(&stretch[i - 1], &stretch[i]) > 0) {
			qsort(stretch, count, sizeof(*stretch), compare_processes);
			break;
		}
	for (size_t first = 0, end; first < count; first = end) {
		for (end = first + 1;
			end < count && stretch[end].process == stretch[first].process;)
			end++;
		covered += cover_of_process(stretch + first, end - first);
	}
	return covered;
}

uint64_t tally_lost(const struct tally *tally, bool proven_only)
{
	struct stretch *stretch = memory_take(tally->hits, sizeof(*stretch));
	uint64_t sum = 0;
	size_t count = 0;

	for (size_t i = 0; i < tally->hits; i++) {
		const struct hit *hit = &tally->hit[i];

		if (proven_only && !hit->proven)
			continue;
		if (!hit->end)
			sum += hit->lost;
		else
			stretch[count++] = (struct stretch){.process = hit->flow->process,
				.begin = beyond(hit->end, hit->lost),
				.end = hit->end};
	}
	sum += stretches_cover(stretch, count);
	free(stretch);
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

static int compare_moments(const void *left, const void *right)
{
	const struct moment *a = left, *b = right;

	if (a->process != b->process)
		return a->process < b->process ? -1 : 1;
	return a->time < b->time ? -1 : a->time > b->time;
}

static uint32_t process_of(const struct judge *judge, const struct flow_fold *flow)
{
	return (uint32_t)(flow->process - judge->fold->run->process);
}

static void list_moments(struct judge *judge)
{
	for (size_t f = 0; f < judge->fold->flows; f++) {
		const struct flow_fold *flow = &judge->fold->flow[f];

		for (size_t s = 0; s < flow->steps; s++) {
			if (!step_has_data(&flow->step[s]))
				continue;
			judge->moment =
				memory_grow(judge->moment, judge->moments, sizeof(*judge->moment));
			judge->moment[judge->moments++] = (struct moment){
				flow->step[s].end, process_of(judge, flow), (uint32_t)f};
		}
	}
	if (judge->moments > 0)
		qsort(judge->moment, judge->moments, sizeof(*judge->moment), compare_moments);
}

static bool is_accompanied(const struct judge *judge, const struct hit *hit)
{
	const struct moment from = {beyond(hit->end, hit->lost), process_of(judge, hit->flow),
		(uint32_t)(hit->flow - judge->fold->flow)};
	size_t low = 0, high = judge->moments;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_moments(&judge->moment[middle], &from) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < judge->moments && judge->moment[low].process == from.process &&
		judge->moment[low].time < hit->end;
		low++)
		if (judge->moment[low].flow != from.flow)
			return true;
	return false;
}

uint64_t tally_accompanied(struct judge *judge, const struct tally *tally)
{
	uint64_t count = 0;

	if (!judge->moment && judge->fold->flows > 1)
		list_moments(judge);
	for (size_t i = 0; i < tally->hits; i++)
		if (tally->hit[i].end && tally->hit[i].lost)
			count += is_accompanied(judge, &tally->hit[i]);
	return count;
}
