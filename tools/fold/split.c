/* Splits the wall time: at each instant the best of what the threads on sockets do, as fold.h says.
 * A sweep over the beginnings and ends of spans and of the gaps between them. */
#include <stdlib.h>

#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

#define LONG_WAIT UINT64_C(1000000) /* ns */

static const enum instant instant_of_span[] = {
	[SPAN_PEER] = INSTANT_PEER, [SPAN_OTHER] = INSTANT_OTHER, [SPAN_NAMES] = INSTANT_NAMES};

/* What a thread did from then to then. */
struct bout {
	uint64_t begin, end;
	enum instant instant;
};

/* A thread's bouts, one after the other; without a thread the one that is there. */
struct cursor {
	const struct thread_spans *thread; /* or NULL */
	size_t next;			   /* gaps and spans by turns, a gap first */
	uint64_t at;			   /* the end of what came before */
	struct bout now;
	bool inside; /* it has begun */
};

/* A wait for a peer that took its time, for finding those within a gap of another thread. */
struct wait {
	uint64_t begin, end; /* end: the first of this wait's and all later ones' */
};

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
	for (size_t i = 1; i < *waits; i++)
		if (wait[i].begin < wait[i - 1].begin) {
			qsort(wait, *waits, sizeof(*wait), compare_first);
			break;
		}
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

struct sweep {
	uint64_t began, ended; /* nothing outside counts */
	struct wait *wait;
	size_t waits;
	struct cursor *cursor; /* a heap: none comes before the one at half its place */
	size_t cursors;
};

/* Cuts off what is outside; false where nothing is left. */
static bool is_within(const struct sweep *sweep, struct bout *bout)
{
	if (bout->begin < sweep->began)
		bout->begin = sweep->began;
	if (bout->end > sweep->ended)
		bout->end = sweep->ended;
	return bout->begin < bout->end;
}

/* The gap before the span of that number, or behind the last one. */
static bool take_gap(const struct sweep *sweep, struct cursor *cursor, size_t number)
{
	const struct thread_spans *thread = cursor->thread;
	const uint64_t end = number < thread->spans ? thread->span[number].begin : thread->last;

	cursor->now = (struct bout){cursor->at, end, INSTANT_PROGRAM};
	return end > cursor->at && !holds_wait(sweep->wait, sweep->waits, cursor->at, end);
}

static bool take_span(struct cursor *cursor, size_t number)
{
	const struct span *span = &cursor->thread->span[number];

	cursor->now = (struct bout){span->begin, span->end, instant_of_span[span->kind]};
	if (span->end > cursor->at)
		cursor->at = span->end;
	return true;
}

/* The next bout; false: there is none. */
static bool cursor_next(const struct sweep *sweep, struct cursor *cursor)
{
	cursor->inside = false;
	while (cursor->thread && cursor->next <= 2 * cursor->thread->spans) {
		const size_t number = cursor->next / 2;
		const bool gap = cursor->next++ % 2 == 0;

		if ((gap ? take_gap(sweep, cursor, number) : take_span(cursor, number)) &&
			is_within(sweep, &cursor->now))
			return true;
	}
	return false;
}

static uint64_t cursor_time(const struct cursor *cursor)
{
	return cursor->inside ? cursor->now.end : cursor->now.begin;
}

static void add_cursor(struct sweep *sweep, struct cursor cursor)
{
	size_t place = sweep->cursors;

	sweep->cursor = memory_grow(sweep->cursor, sweep->cursors++, sizeof(cursor));
	for (; place && cursor_time(&sweep->cursor[(place - 1) / 2]) > cursor_time(&cursor);
		place = (place - 1) / 2)
		sweep->cursor[place] = sweep->cursor[(place - 1) / 2];
	sweep->cursor[place] = cursor;
}

/* Puts the first of the heap where it belongs by now. */
static void sink_first(struct sweep *sweep)
{
	const struct cursor first = sweep->cursor[0];
	size_t place = 0, child;

	while ((child = 2 * place + 1) < sweep->cursors) {
		if (child + 1 < sweep->cursors &&
			cursor_time(&sweep->cursor[child + 1]) < cursor_time(&sweep->cursor[child]))
			child++;
		if (cursor_time(&sweep->cursor[child]) >= cursor_time(&first))
			break;
		sweep->cursor[place] = sweep->cursor[child];
		place = child;
	}
	sweep->cursor[place] = first;
}

static void add_thread(struct sweep *sweep, const struct thread_spans *thread)
{
	struct cursor cursor = {.thread = thread, .at = thread->first};

	if (cursor_next(sweep, &cursor))
		add_cursor(sweep, cursor);
}

uint64_t process_recorded(const struct run_process *process)
{
	uint64_t last = process->header.started;

	for (size_t t = 0; t < process->threads; t++)
		if (process->thread[t].recorded > last)
			last = process->thread[t].recorded;
	return last;
}

/* From its last event on nothing is known of a process whose recording was full. */
static void add_unseen(struct sweep *sweep, const struct run_process *process)
{
	struct cursor cursor = {.now = {process_recorded(process), process->ended, INSTANT_UNSEEN}};

	if (process->header.full && is_within(sweep, &cursor.now))
		add_cursor(sweep, cursor);
}

static struct sweep sweep_begin(const struct fold *fold, const struct spans *spans)
{
	struct sweep sweep = {.began = fold->run->began, .ended = fold->run->ended};

	sweep.wait = list_waits(spans, &sweep.waits);
	for (size_t t = 0; t < spans->threads; t++)
		add_thread(&sweep, &spans->thread[t]);
	for (size_t p = 0; p < fold->run->processes; p++)
		add_unseen(&sweep, &fold->run->process[p]);
	return sweep;
}

/* The first of the heap begins, or ends and makes room for what its thread does next. */
static void sweep_step(struct sweep *sweep, int64_t threads[INSTANTS])
{
	struct cursor *first = &sweep->cursor[0];

	threads[first->now.instant] += first->inside ? -1 : 1;
	if (!first->inside)
		first->inside = true;
	else if (!cursor_next(sweep, first))
		*first = sweep->cursor[--sweep->cursors];
	sink_first(sweep);
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

	while (passage.end < sweep.ended) {
		passage.begin = passage.end;
		passage.end = sweep.cursors ? cursor_time(&sweep.cursor[0]) : sweep.ended;
		passage.instant = best_of(threads);
		passage.waited =
			threads[INSTANT_PEER] || threads[INSTANT_OTHER] || threads[INSTANT_NAMES];
		if (passage.end > passage.begin)
			each(with, &passage);
		if (sweep.cursors)
			sweep_step(&sweep, threads);
	}
	free(sweep.cursor);
	free(sweep.wait);
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
