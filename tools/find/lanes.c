/* Lanes: the calls of each thread that wait (fold/spans.c), put on the clock for the thread and for
 * the connections that they were about, cut where findings say that it was a stall. */
#include "tools/find/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/find/timeline_parts.h"
#include "tools/fold/fold_parts.h"

/* Lanes while they are filled. */
struct work {
	const struct fold *fold;
	const struct findings *findings;
	struct lanes *lanes;
	struct ends_groups stalls; /* of each of the fold's flows */
	struct filling *filling;   /* of each of them, for the lane that is being filled */
	const struct run_process *process;
	uint32_t *flow; /* of its connections' numbers, that process's flows in the fold */
};

/* ---- which ones ---- */

struct rank {
	uint64_t stalled, busy;
	size_t index;
};

static int most_first(const void *left, const void *right)
{
	const struct rank *a = left, *b = right;

	if (a->stalled != b->stalled)
		return a->stalled > b->stalled ? -1 : 1;
	if (a->busy != b->busy)
		return a->busy > b->busy ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static int in_order(const void *left, const void *right)
{
	const struct rank *a = left, *b = right;

	return a->index < b->index ? -1 : a->index > b->index;
}

/* The first `most` of them, in their own order. */
static size_t choose(struct rank *rank, size_t count, size_t most)
{
	if (count)
		qsort(rank, count, sizeof(*rank), most_first);
	count = count < most ? count : most;
	if (count)
		qsort(rank, count, sizeof(*rank), in_order);
	return count;
}

static struct lane *add_lane(struct lanes *lanes, const struct run *run, size_t slices)
{
	lanes->lane = memory_grow(lanes->lane, lanes->lanes, sizeof(*lanes->lane));
	struct lane *lane = &lanes->lane[lanes->lanes++];

	*lane = (struct lane){.time = {.began = run->began,
				      .wall = run->ended - run->began,
				      .slice = memory_take(slices, sizeof(struct slice)),
				      .slices = slices}};
	return lane;
}

static void add_connections(const struct work *work, size_t most, size_t slices)
{
	const struct fold *fold = work->fold;
	struct rank *rank = memory_take(fold->flows + 1, sizeof(*rank));
	struct stretch_walk walk = {.of = &work->findings->stalled};
	size_t count = 0;

	for (size_t f = 0; f < fold->flows; f++)
		rank[f] = (struct rank){.busy = fold->flow[f].sums.took, .index = f};
	while (stretch_next(&walk))
		if (walk.now.flow < fold->flows)
			rank[walk.now.flow].stalled += walk.now.end - walk.now.begin;
	for (size_t f = 0; f < fold->flows; f++)
		if (fold->flow[f].connection->role != ROLE_OF_LISTENER)
			rank[count++] = rank[f];
	work->lanes->more_connections = count;
	count = choose(rank, count, most);
	work->lanes->more_connections -= count;
	for (size_t i = 0; i < count; i++) {
		struct lane *lane = add_lane(work->lanes, fold->run, slices);
		lane->flow = &fold->flow[rank[i].index];
		lane->process = lane->flow->process;
	}
	free(rank);
}

/* One alone is what the run's own timeline shows. */
static void add_threads(
	const struct work *work, const struct spans *spans, size_t most, size_t slices)
{
	struct rank *rank = memory_take(spans->threads + 1, sizeof(*rank));
	size_t count = spans->threads;

	for (size_t t = 0; t < count; t++)
		rank[t] = (struct rank){
			.busy = spans->thread[t].last - spans->thread[t].first, .index = t};
	count = count > 1 ? choose(rank, count, most) : 0;
	work->lanes->more_threads = spans->threads > 1 ? spans->threads - count : 0;
	work->lanes->threads = count;
	for (size_t i = 0; i < count; i++) {
		struct lane *lane = add_lane(work->lanes, work->fold->run, slices);
		lane->process = spans->thread[rank[i].index].process;
		lane->tid = spans->thread[rank[i].index].tid;
	}
	free(rank);
}

/* ---- their stalls ---- */

static void take_stalls(struct work *work)
{
	const size_t flows = work->fold->flows;
	struct stretch_walk count = {.of = &work->findings->stalled}, put = count;

	work->stalls = groups_of(flows, work->findings->stalled.count);
	while (stretch_next(&count))
		if (count.now.flow < flows)
			groups_count(&work->stalls, count.now.flow);
	groups_begin(&work->stalls);
	while (stretch_next(&put))
		if (put.now.flow < flows)
			groups_put(&work->stalls, put.now.flow, put.now.begin, put.now.end);
	work->filling = memory_take(flows + 1, sizeof(*work->filling));
	for (size_t f = 0; f < flows; f++) {
		work->filling[f].stalls = groups_part(&work->stalls, f);
		ends_sort(&work->filling[f].stalls);
	}
}

static void begin_filling(struct filling *filling, struct timeline *timeline)
{
	filling->timeline = timeline;
	filling_begin(filling);
}

/* From the stalls' beginnings; of a thread those of all flows. */
static void begin_lane(struct work *work, struct lane *lane)
{
	const size_t flows = work->fold->flows;

	if (lane->flow)
		begin_filling(&work->filling[lane->flow - work->fold->flow], &lane->time);
	for (size_t f = 0; !lane->flow && f <= flows; f++)
		begin_filling(&work->filling[f], &lane->time);
}

/* The fold's flow of that number in the process; of none, the one behind the last. */
static void take_flows(struct work *work, const struct run_process *process)
{
	const struct fold *fold = work->fold;

	if (work->process == process)
		return;
	free(work->flow);
	work->process = process;
	work->flow = memory_take(process->connections + 1, sizeof(*work->flow));
	for (size_t i = 0; i <= process->connections; i++)
		work->flow[i] = (uint32_t)fold->flows;
	for (uint32_t f = 0; f < fold->flows; f++)
		if (fold->flow[f].process == process)
			work->flow[fold->flow[f].connection->number] = f;
}

/* ---- filling them ---- */

static bool is_about(
	const struct thread_spans *thread, const struct span *span, const struct flow_fold *flow)
{
	if (!span->watched)
		return !span->flow || span->flow == flow->connection->number;
	for (size_t i = 0; i < span->watched; i++)
		if (thread->watched[span->first + i] == flow->connection->number)
			return true;
	return false;
}

/* Of the flows that it was about, one that stalled during the span, or the first. */
static struct filling *filling_of(
	struct work *work, const struct thread_spans *thread, const struct span *span)
{
	if (!span->watched)
		return &work->filling[work->flow[span->flow]];
	for (size_t i = 0; i < span->watched; i++) {
		struct filling *filling =
			&work->filling[work->flow[thread->watched[span->first + i]]];
		if (filling_stalls(filling, span->begin, span->end))
			return filling;
	}
	return &work->filling[work->flow[thread->watched[span->first]]];
}

static void fill_lane(struct work *work, struct lane *lane, const struct thread_spans *thread)
{
	begin_lane(work, lane);
	for (size_t i = 0; i < thread->spans; i++) {
		const struct span *span = &thread->span[i];

		if (lane->flow && !is_about(thread, span, lane->flow))
			continue;
		if (span->kind != SPAN_PEER) {
			if (!lane->flow || span->flow)
				timeline_add(&lane->time, span->begin, span->end, SLICE_OTHER);
			continue;
		}
		filling_wait(lane->flow ? &work->filling[lane->flow - work->fold->flow]
					: filling_of(work, thread, span),
			span->begin, span->end);
	}
}

/* Of all that time, what no call had; two threads may have waited for one connection. */
static void fill_rest(struct timeline *timeline, uint64_t from, uint64_t to)
{
	struct timeline there = *timeline;

	there.slice = memory_take(timeline->slices, sizeof(struct slice));
	timeline_add(&there, from, to, SLICE_PROGRAM);
	memset(&timeline->all, 0, sizeof(timeline->all));
	for (size_t i = 0; i < timeline->slices; i++) {
		uint64_t left = there.slice[i].ns[SLICE_PROGRAM];

		for (int kind = 0; kind < SLICE_PROGRAM; kind++) {
			uint64_t *ns = &timeline->slice[i].ns[kind];
			*ns = *ns < left ? *ns : left;
			left -= *ns;
			timeline->all.ns[kind] += *ns;
		}
		timeline->slice[i].ns[SLICE_PROGRAM] = left;
		timeline->all.ns[SLICE_PROGRAM] += left;
	}
	free(there.slice);
}

static void end_connection(struct lane *lane)
{
	const struct trace_connection *connection = lane->flow->connection;
	const uint64_t opened =
		connection->connecting ? connection->connecting : connection->opened;
	const uint64_t closed = connection->closed ? connection->closed : lane->process->ended;
	const uint64_t recorded =
		lane->process->header.full ? process_recorded(lane->process) : UINT64_MAX;

	fill_rest(&lane->time, opened, closed < recorded ? closed : recorded);
	timeline_add(&lane->time, recorded, closed, SLICE_UNSEEN);
}

static void fill_thread(struct work *work, const struct thread_spans *thread)
{
	for (size_t i = 0; i < work->lanes->lanes; i++) {
		struct lane *lane = &work->lanes->lane[i];

		if (lane->process != thread->process)
			continue;
		if (!lane->flow && lane->tid != thread->tid)
			continue;
		take_flows(work, thread->process);
		fill_lane(work, lane, thread);
		if (!lane->flow)
			fill_rest(&lane->time, thread->first, thread->last);
	}
}

void lanes_take(struct lanes *lanes, const struct fold *fold, const struct findings *findings,
	size_t most, size_t slices)
{
	struct work work = {.fold = fold, .findings = findings, .lanes = lanes};
	struct spans spans;

	*lanes = (struct lanes){0};
	spans_take(fold->run, &spans);
	add_threads(&work, &spans, most, slices);
	add_connections(&work, most, slices);
	take_stalls(&work);
	for (size_t t = 0; t < spans.threads; t++)
		fill_thread(&work, &spans.thread[t]);
	for (size_t i = lanes->threads; i < lanes->lanes; i++)
		end_connection(&lanes->lane[i]);
	groups_free(&work.stalls);
	free(work.filling);
	free(work.flow);
	spans_free(&spans);
}

void lanes_free(struct lanes *lanes)
{
	for (size_t i = 0; i < lanes->lanes; i++)
		free(lanes->lane[i].time.slice);
	free(lanes->lane);
}
