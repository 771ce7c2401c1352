/* The run's time, slice by slice: the passages of the split, cut where slices end, and of the
 * waiting what findings call stalled. Judges nothing and prints nothing. */
#include "tools/find/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "tools/trace/fold_parts.h"
#include "tools/trace/memory.h"

/* What is filled in, and the next stall that may count. */
struct filling {
	struct timeline *timeline;
	const struct stretch *stall;
	size_t stalls;
};

uint64_t timeline_at(const struct timeline *timeline, size_t slice)
{
	const uint64_t wall = timeline->wall, slices = timeline->slices;

	return wall / slices * slice + wall % slices * slice / slices;
}

static size_t slice_of(const struct timeline *timeline, uint64_t time)
{
	size_t low = 0, high = timeline->slices - 1;

	while (low < high) {
		const size_t middle = low + (high - low + 1) / 2;
		if (timeline->began + timeline_at(timeline, middle) <= time)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static void add(struct timeline *timeline, uint64_t begin, uint64_t end, enum slice_kind kind)
{
	timeline->all.ns[kind] += begin < end ? end - begin : 0;
	for (size_t i = slice_of(timeline, begin); begin < end; i++) {
		const uint64_t stop = timeline->began + timeline_at(timeline, i + 1);
		const uint64_t until = stop < end ? stop : end;

		timeline->slice[i].ns[kind] += until - begin;
		begin = until;
	}
}

/* Stalls stand in the order of their begins and may overlap. */
static void add_waiting(struct filling *filling, uint64_t begin, uint64_t end)
{
	while (begin < end) {
		while (filling->stalls && filling->stall->end <= begin) {
			filling->stall++;
			filling->stalls--;
		}
		const bool stalls = filling->stalls && filling->stall->begin <= begin;
		uint64_t until = end;

		if (stalls)
			until = filling->stall->end;
		else if (filling->stalls)
			until = filling->stall->begin;
		until = until < end ? until : end;
		add(filling->timeline, begin, until, stalls ? SLICE_STALLED : SLICE_PEER);
		begin = until;
	}
}

static void add_passage(void *with, const struct passage *passage)
{
	static const enum slice_kind kind[INSTANTS] = {[INSTANT_PROGRAM] = SLICE_PROGRAM,
		[INSTANT_OTHER] = SLICE_OTHER,
		[INSTANT_NAMES] = SLICE_OTHER,
		[INSTANT_UNSEEN] = SLICE_UNSEEN};
	struct filling *filling = with;

	if (passage->instant == INSTANT_PEER)
		add_waiting(filling, passage->begin, passage->end);
	else
		add(filling->timeline, passage->begin, passage->end, kind[passage->instant]);
}

/* Whatever others were seen to do meanwhile. */
static void mark_full(struct timeline *timeline, const struct run_process *process)
{
	const uint64_t ended = timeline->began + timeline->wall;
	const uint64_t since = process_recorded(process);
	const uint64_t until = process->ended < ended ? process->ended : ended;
	size_t i = slice_of(timeline, since);

	if (since >= until)
		return;
	for (; i < timeline->slices && timeline->began + timeline_at(timeline, i) < until; i++)
		timeline->slice[i].full = timeline->all.full = true;
}

static int compare_begins(const void *left, const void *right)
{
	const struct stretch *a = left, *b = right;

	return a->begin < b->begin ? -1 : a->begin > b->begin;
}

/* In the order of their begins; to be freed. */
static struct stretch *sorted_stalls(const struct findings *findings)
{
	const size_t count = findings->stretches;
	struct stretch *stall = memory_take(count, sizeof(*stall));

	if (!count)
		return stall;
	memcpy(stall, findings->stalled, count * sizeof(*stall));
	qsort(stall, count, sizeof(*stall), compare_begins);
	return stall;
}

void timeline_take(struct timeline *timeline, const struct fold *fold,
	const struct findings *findings, size_t slices)
{
	const struct run *run = fold->run;
	struct stretch *stall = sorted_stalls(findings);
	struct filling filling = {.stall = stall, .stalls = findings->stretches};
	struct spans spans;

	*timeline = (struct timeline){.began = run->began,
		.wall = run->ended - run->began,
		.slice = memory_take(slices, sizeof(struct slice)),
		.slices = slices};
	filling.timeline = timeline;
	spans_take(run, &spans);
	split_each(fold, &spans, add_passage, &filling);
	spans_free(&spans);
	free(stall);
	for (size_t p = 0; p < run->processes; p++)
		if (run->process[p].header.full)
			mark_full(timeline, &run->process[p]);
}

void timeline_free(struct timeline *timeline)
{
	free(timeline->slice);
}
