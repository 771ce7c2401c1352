/* The run's time, slice by slice: the passages of the split, cut where slices end, and of the
 * waiting what findings call stalled. Judges nothing and prints nothing. */
#include "tools/find/timeline.h"

#include <stdlib.h>

#include "tools/find/timeline_parts.h"
#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

uint64_t timeline_at(const struct timeline *timeline, size_t slice)
{
	const uint64_t wall = timeline->wall, slices = timeline->slices;

	return wall / slices * slice + wall % slices * slice / slices;
}

size_t timeline_slice(const struct timeline *timeline, uint64_t time)
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

void timeline_add(struct timeline *timeline, uint64_t begin, uint64_t end, enum slice_kind kind)
{
	const uint64_t began = timeline->began, ended = began + timeline->wall;

	begin = begin > began ? begin : began;
	end = end < ended ? end : ended;
	if (begin >= end)
		return;
	timeline->all.ns[kind] += end - begin;
	for (size_t i = timeline_slice(timeline, begin); begin < end; i++) {
		const uint64_t stop = timeline->began + timeline_at(timeline, i + 1);
		const uint64_t until = stop < end ? stop : end;

		timeline->slice[i].ns[kind] += until - begin;
		begin = until;
	}
}

void filling_begin(struct filling *filling)
{
	filling->stall = (struct cover){0};
	filling->more = ends_next(&filling->stalls, &filling->stall);
}

bool filling_stalls(struct filling *filling, uint64_t begin, uint64_t end)
{
	while (filling->more && filling->stall.end <= begin)
		filling->more = ends_next(&filling->stalls, &filling->stall);
	return filling->more && filling->stall.begin < end;
}

void filling_wait(struct filling *filling, uint64_t begin, uint64_t end)
{
	const struct cover *stall = &filling->stall;

	while (begin < end) {
		while (filling->more && stall->end <= begin)
			filling->more = ends_next(&filling->stalls, &filling->stall);
		const bool stalls = filling->more && stall->begin <= begin;
		uint64_t until = end;

		if (stalls)
			until = stall->end;
		else if (filling->more)
			until = stall->begin;
		until = until < end ? until : end;
		timeline_add(filling->timeline, begin, until, stalls ? SLICE_STALLED : SLICE_PEER);
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
		filling_wait(filling, passage->begin, passage->end);
	else
		timeline_add(
			filling->timeline, passage->begin, passage->end, kind[passage->instant]);
}

/* Whatever others were seen to do meanwhile. */
static void mark_full(struct timeline *timeline, const struct run_process *process)
{
	const uint64_t ended = timeline->began + timeline->wall;
	const uint64_t since = process_recorded(process);
	const uint64_t until = process->ended < ended ? process->ended : ended;
	size_t i = timeline_slice(timeline, since);

	if (since >= until)
		return;
	for (; i < timeline->slices && timeline->began + timeline_at(timeline, i) < until; i++)
		timeline->slice[i].full = timeline->all.full = true;
}

static void take_stalls(struct filling *filling, const struct findings *findings)
{
	filling->stalls = stretches_ends(&findings->stalled);
	ends_sort(&filling->stalls);
	filling_begin(filling);
}

void timeline_take(struct timeline *timeline, const struct fold *fold,
	const struct findings *findings, size_t slices)
{
	const struct run *run = fold->run;
	struct filling filling = {.timeline = timeline};
	struct spans spans;

	*timeline = (struct timeline){.began = run->began,
		.wall = run->ended - run->began,
		.slice = memory_take(slices, sizeof(struct slice)),
		.slices = slices};
	take_stalls(&filling, findings);
	spans_take(run, &spans);
	split_each(fold, &spans, add_passage, &filling);
	spans_free(&spans);
	ends_free(&filling.stalls);
	for (size_t p = 0; p < run->processes; p++)
		if (run->process[p].header.full)
			mark_full(timeline, &run->process[p]);
}

void timeline_free(struct timeline *timeline)
{
	free(timeline->slice);
}
