/* How long a thread was in calls that wait for one flow, within some time: asked for each turn, so
 * that it must not look through all the calls of a thread that serves thousands of flows. */
#include <stdlib.h>

#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

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

/* Of a process's flows, while the calls of its threads are put to them one thread after the other:
 * there may be many of both, and most threads have few flows. */
struct indexing {
	size_t *calls;		    /* about each flow, of the thread */
	struct blocked_call **next; /* where the next one of each is put */
	uint32_t *flow;		    /* those that have any */
	size_t flows, all;
};

static void count_call(const struct span *span, uint32_t flow, void *context)
{
	struct indexing *indexing = context;

	(void)span;
	if (indexing->calls[flow]++ == 0)
		indexing->flow[indexing->flows++] = flow;
	indexing->all++;
}

static void put_call(const struct span *span, uint32_t flow, void *context)
{
	struct indexing *indexing = context;

	*indexing->next[flow]++ = (struct blocked_call){.begin = span->begin, .until = span->end};
}

static struct indexing indexing_of(const struct run_process *process)
{
	const size_t flows = process->connections + 1;

	return (struct indexing){
		.calls = memory_take(flows, sizeof(size_t)),
		.next = memory_take(flows, sizeof(struct blocked_call *)),
		.flow = memory_take(flows, sizeof(uint32_t)),
	};
}

static void indexing_free(struct indexing *indexing)
{
	free(indexing->calls);
	free(indexing->next);
	free(indexing->flow);
}

static void sum_up(struct blocked *blocked)
{
	uint64_t until = 0;

	for (size_t i = 0; i < blocked->calls; i++) {
		until += blocked->call[i].until - blocked->call[i].begin;
		blocked->call[i].until = until;
	}
}

static void index_thread(
	struct spans *spans, const struct thread_spans *thread, struct indexing *indexing)
{
	const size_t before = spans->blocks;
	struct blocked_call *call;

	indexing->flows = indexing->all = 0;
	for (size_t i = 0; i < thread->spans; i++)
		each_flow(thread, &thread->span[i], count_call, indexing);
	/* One room for all: it is given back in one piece. */
	call = indexing->all ? memory_take(indexing->all, sizeof(*call)) : NULL;
	for (size_t i = 0; i < indexing->flows; i++) {
		const uint32_t flow = indexing->flow[i];
		const size_t calls = indexing->calls[flow];
		spans->blocked =
			memory_grow(spans->blocked, spans->blocks, sizeof(*spans->blocked));
		spans->blocked[spans->blocks] = (struct blocked){.process = thread->process,
			.tid = thread->tid,
			.flow = flow,
			.call = call,
			.calls = calls,
			.owns = spans->blocks == before};
		spans->blocks++;
		indexing->next[flow] = call;
		indexing->calls[flow] = 0;
		call += calls;
	}
	for (size_t i = 0; i < thread->spans; i++)
		each_flow(thread, &thread->span[i], put_call, indexing);
	for (size_t i = before; i < spans->blocks; i++)
		sum_up(&spans->blocked[i]);
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
	const struct run_process *process = NULL;
	struct indexing indexing = {0};

	for (size_t t = 0; t < spans->threads; t++) {
		struct thread_spans *thread = &spans->thread[t];
		if (thread->process != process) {
			indexing_free(&indexing);
			indexing = indexing_of(process = thread->process);
		}
		index_thread(spans, thread, &indexing);
		spans_drop(thread);
	}
	indexing_free(&indexing);
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
