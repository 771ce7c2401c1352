/* How long a thread was in calls that wait for one flow, within some time: asked for each turn, so
 * that it must not look through all the calls of a thread that serves thousands of flows. */
#include <stdlib.h>

#include "tools/trace/fold_parts.h"
#include "tools/trace/memory.h"

/* Calls back for each flow that the span may have been about; 0: any. */
static void each_flow(const struct thread_spans *thread, const struct span *span,
	void (*call)(const struct span *, uint32_t flow, void *context), void *context)
{
	if (span->kind != SPAN_PEER)
		return;
	if (!span->watched)
		call(span, span->flow, context);
	for (size_t i = 0; i < span->watched; i++)
		call(span, thread->watched[span->first + i], context);
}

static void count_call(const struct span *span, uint32_t flow, void *context)
{
	size_t *calls = context;

	(void)span;
	calls[flow]++;
}

/* context: of each flow, where its next call is put. */
static void put_call(const struct span *span, uint32_t flow, void *context)
{
	struct blocked_call **next = context;

	*next[flow]++ = (struct blocked_call){.begin = span->begin, .until = span->end};
}

static void sum_up(struct blocked *blocked)
{
	uint64_t until = 0;

	for (size_t i = 0; i < blocked->calls; i++) {
		until += blocked->call[i].until - blocked->call[i].begin;
		blocked->call[i].until = until;
	}
}

static void index_thread(struct spans *spans, const struct thread_spans *thread)
{
	const size_t flows = thread->process->connections + 1, before = spans->blocks;
	size_t *calls = memory_take(flows, sizeof(*calls)), all = 0;
	struct blocked_call **next = memory_take(flows, sizeof(struct blocked_call *));

	for (size_t i = 0; i < thread->spans; i++)
		each_flow(thread, &thread->span[i], count_call, calls);
	for (uint32_t flow = 0; flow < flows; flow++)
		all += calls[flow];
	/* One room for all: it is given back in one piece. */
	struct blocked_call *call = all ? memory_take(all, sizeof(*call)) : NULL;
	for (uint32_t flow = 0; flow < flows; flow++) {
		if (!calls[flow])
			continue;
		spans->blocked =
			memory_grow(spans->blocked, spans->blocks, sizeof(*spans->blocked));
		spans->blocked[spans->blocks] = (struct blocked){.process = thread->process,
			.tid = thread->tid,
			.flow = flow,
			.call = call,
			.calls = calls[flow],
			.owns = spans->blocks == before};
		spans->blocks++;
		next[flow] = call;
		call += calls[flow];
	}
	for (size_t i = 0; i < thread->spans; i++)
		each_flow(thread, &thread->span[i], put_call, next);
	for (size_t i = before; i < spans->blocks; i++)
		sum_up(&spans->blocked[i]);
	free(calls);
	free(next);
}

static int compare_blocked(const void *left, const void *right)
{
	const struct blocked *a = left, *b = right;

	if (a->process != b->process)
		return a->process < b->process ? -1 : 1;
	if (a->tid != b->tid)
		return a->tid < b->tid ? -1 : 1;
	return a->flow < b->flow ? -1 : a->flow > b->flow;
}

void blocked_index(struct spans *spans)
{
	for (size_t t = 0; t < spans->threads; t++) {
		index_thread(spans, &spans->thread[t]);
		spans_drop(&spans->thread[t]);
	}
	if (spans->blocks)
		qsort(spans->blocked, spans->blocks, sizeof(*spans->blocked), compare_blocked);
}

void blocked_free(struct spans *spans)
{
	for (size_t i = 0; i < spans->blocks; i++)
		if (spans->blocked[i].owns)
			free(spans->blocked[i].call);
	free(spans->blocked);
}

/* How many of the calls begin before that. Mostly it is asked for times that follow each other. */
static size_t calls_before(struct blocked *blocked, uint64_t time)
{
	const struct blocked_call *call = blocked->call;
	size_t low = blocked->near, high = blocked->calls, step = 1;

	if (low && call[low - 1].begin >= time) {
		high = low - 1;
		low = 0;
	}
	for (; low + step < high && call[low + step].begin < time; step *= 2)
		low += step;
	high = low + step < high ? low + step : high;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (call[middle].begin < time)
			low = middle + 1;
		else
			high = middle;
	}
	return blocked->near = low;
}

/* Of these calls, in ns: all before `time`, the one that goes on then in part. */
static uint64_t blocked_before(struct blocked *blocked, uint64_t time)
{
	const size_t low = calls_before(blocked, time);

	if (!low)
		return 0;
	const struct blocked_call *last = &blocked->call[low - 1];
	const uint64_t before = low > 1 ? last[-1].until : 0;
	const uint64_t took = last->until - before, passed = time - last->begin;
	return before + (took < passed ? took : passed);
}

/* The first of that process, thread and flow, or what would come behind it. */
static size_t find_blocked(const struct spans *spans, const struct blocked *sought)
{
	size_t low = 0, high = spans->blocks;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_blocked(&spans->blocked[middle], sought) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t spans_blocked(const struct spans *spans, const struct run_process *process, uint32_t tid,
	uint32_t flow, uint64_t from, uint64_t to)
{
	const uint32_t about[] = {flow, 0};
	uint64_t blocked = 0;

	if (from >= to)
		return 0;
	for (size_t i = 0; i < sizeof(about) / sizeof(*about); i++) {
		const struct blocked sought = {.process = process, .tid = tid, .flow = about[i]};

		/* Two threads that had one id have each their own. */
		for (size_t b = find_blocked(spans, &sought);
			b < spans->blocks && compare_blocked(&spans->blocked[b], &sought) == 0; b++)
			blocked += blocked_before(&spans->blocked[b], to) -
				   blocked_before(&spans->blocked[b], from);
	}
	/* and may both have waited. */
	return blocked < to - from ? blocked : to - from;
}
