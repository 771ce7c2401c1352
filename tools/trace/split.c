/* Splits the wall time: at each instant the best of what the threads on sockets do, as fold.h says.
 * A sweep over the beginnings and ends of spans and of the gaps between them. */
#include <stdlib.h>

#include "tools/trace/fold_parts.h"
#include "tools/trace/memory.h"

#define LONG_WAIT UINT64_C(1000000) /* ns */

static const enum instant instant_of_span[] = {
	[SPAN_PEER] = INSTANT_PEER, [SPAN_OTHER] = INSTANT_OTHER, [SPAN_NAMES] = INSTANT_NAMES};

struct edge {
	uint64_t time;
	int8_t change; /* +1: begins, -1: ends */
	uint8_t instant;
};

struct sweep {
	uint64_t began, ended; /* nothing outside counts */
	struct edge *edge;
	size_t edges;
};

static void add_edges(struct sweep *sweep, uint64_t begin, uint64_t end, enum instant instant)
{
	if (begin < sweep->began)
		begin = sweep->began;
	if (end > sweep->ended)
		end = sweep->ended;
	if (begin >= end)
		return;
	sweep->edge = memory_grow(sweep->edge, sweep->edges, sizeof(*sweep->edge));
	sweep->edge[sweep->edges++] = (struct edge){begin, 1, (uint8_t)instant};
	sweep->edge = memory_grow(sweep->edge, sweep->edges, sizeof(*sweep->edge));
	sweep->edge[sweep->edges++] = (struct edge){end, -1, (uint8_t)instant};
}

/* A wait for a peer that took its time, for finding those within a gap of another thread. */
struct wait {
	uint64_t begin, end; /* end: the first of this wait's and all later ones' */
};

static int compare_waits(const void *left, const void *right)
{
	const struct wait *a = left, *b = right;

	return a->begin < b->begin ? -1 : a->begin > b->begin;
}

static struct wait *list_waits(const struct spans *spans, size_t *waits)
{
	struct wait *wait = NULL;

	*waits = 0;
	for (size_t t = 0; t < spans->threads; t++)
		for (size_t i = 0; i < spans->thread[t].spans; i++) {
			const struct span *span = &spans->thread[t].span[i];
			if (span->kind != SPAN_PEER || span->end - span->begin < LONG_WAIT)
				continue;
			wait = memory_grow(wait, *waits, sizeof(*wait));
			wait[(*waits)++] = (struct wait){span->begin, span->end};
		}
	if (*waits)
		qsort(wait, *waits, sizeof(*wait), compare_waits);
	for (size_t i = *waits; i-- > 1;)
		if (wait[i].end < wait[i - 1].end)
			wait[i - 1].end = wait[i].end;
	return wait;
}

/* Whether one of the waits lies within; a thread's own never do, in a gap between them. */
static bool holds_wait(const struct wait *wait, size_t waits, uint64_t begin, uint64_t end)
{
	size_t low = 0, high = waits;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (wait[middle].begin < begin)
			low = middle + 1;
		else
			high = middle;
	}
	return low < waits && wait[low].end <= end;
}

static void add_thread(struct sweep *sweep, const struct thread_spans *thread,
	const struct wait *wait, size_t waits)
{
	uint64_t at = thread->first;

	for (size_t i = 0; i < thread->spans; i++) {
		const struct span *span = &thread->span[i];
		if (span->begin > at && !holds_wait(wait, waits, at, span->begin))
			add_edges(sweep, at, span->begin, INSTANT_PROGRAM);
		add_edges(sweep, span->begin, span->end, instant_of_span[span->kind]);
		if (span->end > at)
			at = span->end;
	}
	if (thread->last > at && !holds_wait(wait, waits, at, thread->last))
		add_edges(sweep, at, thread->last, INSTANT_PROGRAM);
}

uint64_t process_recorded(const struct run_process *process)
{
	uint64_t last = process->header.started;

	for (size_t t = 0; t < process->threads; t++)
		if (process->thread[t].recorded > last)
			last = process->thread[t].recorded;
	return last;
}

static int compare_edges(const void *left, const void *right)
{
	const struct edge *a = left, *b = right;

	return a->time < b->time ? -1 : a->time > b->time;
}

/* From its last event on nothing is known of a process whose recording was full. */
static void add_unseen(struct sweep *sweep, const struct run_process *process)
{
	if (process->header.full)
		add_edges(sweep, process_recorded(process), process->ended, INSTANT_UNSEEN);
}

static struct sweep sweep_begin(const struct fold *fold, const struct spans *spans)
{
	struct sweep sweep = {.began = fold->run->began, .ended = fold->run->ended};
	size_t waits;
	struct wait *wait = list_waits(spans, &waits);

	for (size_t t = 0; t < spans->threads; t++)
		add_thread(&sweep, &spans->thread[t], wait, waits);
	for (size_t p = 0; p < fold->run->processes; p++)
		add_unseen(&sweep, &fold->run->process[p]);
	if (sweep.edges)
		qsort(sweep.edge, sweep.edges, sizeof(*sweep.edge), compare_edges);
	free(wait);
	return sweep;
}

/* The best of what threads are at; where none is on sockets, the program. */
static enum instant best_of(const int64_t threads[INSTANTS])
{
	for (int instant = 0; instant < INSTANTS; instant++)
		if (threads[instant])
			return (enum instant)instant;
	return INSTANT_PROGRAM;
}

void split_each(const struct fold *fold, const struct spans *spans,
	void (*each)(void *with, const struct passage *passage), void *with)
{
	struct sweep sweep = sweep_begin(fold, spans);
	int64_t threads[INSTANTS] = {0};
	struct passage passage = {.end = sweep.began};

	for (size_t i = 0; i <= sweep.edges; i++) {
		passage.begin = passage.end;
		passage.end = i < sweep.edges ? sweep.edge[i].time : sweep.ended;
		passage.instant = best_of(threads);
		passage.waited =
			threads[INSTANT_PEER] || threads[INSTANT_OTHER] || threads[INSTANT_NAMES];
		if (passage.end > passage.begin)
			each(with, &passage);
		if (i < sweep.edges)
			threads[sweep.edge[i].instant] += sweep.edge[i].change;
	}
	free(sweep.edge);
}

static void add_passage(void *with, const struct passage *passage)
{
	struct split *split = with;
	uint64_t *const part[INSTANTS] = {[INSTANT_PROGRAM] = &split->program,
		[INSTANT_PEER] = &split->thinking,
		[INSTANT_OTHER] = &split->other,
		[INSTANT_NAMES] = &split->other,
		[INSTANT_UNSEEN] = &split->unseen};
	const uint64_t passed = passage->end - passage->begin;

	*part[passage->instant] += passed;
	split->names += passage->instant == INSTANT_NAMES ? passed : 0;
	split->waited += passage->waited ? passed : 0;
}

void split_take(struct fold *fold, const struct spans *spans)
{
	fold->split.wall = fold->run->ended - fold->run->began;
	split_each(fold, spans, add_passage, &fold->split);
}
