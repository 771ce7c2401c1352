/* How long a thread was in calls that wait for one flow, within some time: asked for each turn, so
 * that it must not look through all the calls of a thread that serves thousands of flows. */
#include <stdlib.h>

#include "tools/trace/fold_parts.h"
#include "tools/trace/memory.h"

static void add(struct spans *spans, const struct thread_spans *thread, uint32_t flow,
	const struct span *span)
{
	spans->blocked = memory_grow(spans->blocked, spans->blocks, sizeof(*spans->blocked));
	spans->blocked[spans->blocks++] = (struct blocked){.process = thread->process,
		.tid = thread->tid,
		.flow = flow,
		.begin = span->begin,
		.end = span->end};
}

static void add_span(
	struct spans *spans, const struct thread_spans *thread, const struct span *span)
{
	if (span->kind != SPAN_PEER)
		return;
	if (span->flow || !span->watched)
		add(spans, thread, span->flow, span);
	for (size_t i = 0; i < span->watched; i++)
		add(spans, thread, thread->watched[span->first + i], span);
}

static int compare_flows(const struct blocked *a, const struct blocked *b)
{
	if (a->process != b->process)
		return a->process < b->process ? -1 : 1;
	if (a->tid != b->tid)
		return a->tid < b->tid ? -1 : 1;
	return a->flow < b->flow ? -1 : a->flow > b->flow;
}

static int compare_blocked(const void *left, const void *right)
{
	const struct blocked *a = left, *b = right;
	const int order = compare_flows(a, b);

	return order ? order : a->begin < b->begin ? -1 : a->begin > b->begin;
}

void blocked_index(struct spans *spans)
{
	for (size_t t = 0; t < spans->threads; t++)
		for (size_t i = 0; i < spans->thread[t].spans; i++)
			add_span(spans, &spans->thread[t], &spans->thread[t].span[i]);
	if (!spans->blocks)
		return;
	qsort(spans->blocked, spans->blocks, sizeof(*spans->blocked), compare_blocked);
	for (size_t i = 1; i < spans->blocks; i++) {
		const struct blocked *last = &spans->blocked[i - 1];
		if (compare_flows(last, last + 1) == 0)
			spans->blocked[i].before = last->before + (last->end - last->begin);
	}
}

/* Of the flow's calls, in ns: all before `time`, the one that goes on then in part. */
static uint64_t blocked_before(const struct spans *spans, struct blocked at)
{
	size_t low = 0, high = spans->blocks;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_blocked(&spans->blocked[middle], &at) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || compare_flows(&spans->blocked[low - 1], &at) != 0)
		return 0;
	const struct blocked *last = &spans->blocked[low - 1];
	return last->before + (last->end < at.begin ? last->end : at.begin) - last->begin;
}

uint64_t spans_blocked(const struct spans *spans, const struct run_process *process, uint32_t tid,
	uint32_t flow, uint64_t from, uint64_t to)
{
	const struct blocked this_flow = {.process = process, .tid = tid, .flow = flow};
	uint64_t blocked = 0;

	if (from >= to)
		return 0;
	for (int any = 0; any < 2; any++) {
		struct blocked begin = this_flow, end = this_flow;
		begin.flow = end.flow = any ? 0 : flow;
		begin.begin = from;
		end.begin = to;
		const uint64_t before = blocked_before(spans, begin);
		const uint64_t all = blocked_before(spans, end);
		blocked += all > before ? all - before : 0;
	}
	/* Two threads that had one id may both have waited. */
	return blocked < to - from ? blocked : to - from;
}
