/* How much sooner the run may end: a stall in one thread wins nothing as long as another one, on
 * connections of its own, is at work anyway. Threads that share a connection wait for each other
 * and count as one. Knows no pattern; takes what detectors called stalled and a rule mends. */
#include <stdlib.h>

#include "tools/find/judge.h"
#include "tools/read/events.h"
#include "tools/base/memory.h"

/* Threads that share connections. */
struct group {
	uint64_t first, last; /* of its calls on connections */
	uint64_t active;      /* in turns, ns */
	uint64_t lost;	      /* of that, stalled, and a rule mends it */
};

/* Each connection's group: the lowest number of those that share threads. */
struct groups {
	const struct fold *fold;
	uint32_t *of; /* by flow */
	struct group *group;
};

static uint32_t root_of(uint32_t *of, uint32_t flow)
{
	while (of[flow] != flow)
		flow = of[flow] = of[of[flow]];
	return flow;
}

static void join(uint32_t *of, uint32_t a, uint32_t b)
{
	a = root_of(of, a);
	b = root_of(of, b);
	of[a > b ? a : b] = a > b ? b : a;
}

struct seen {
	uint32_t tid, flow;
};

static int compare_seen(const void *left, const void *right)
{
	const struct seen *a = left, *b = right;

	if (a->tid != b->tid)
		return a->tid < b->tid ? -1 : 1;
	return a->flow < b->flow ? -1 : a->flow > b->flow;
}

/* Those that one thread made calls on; returns the first, UINT32_MAX: none. */
static uint32_t join_thread(const struct groups *groups, const uint32_t *flow_of,
	const struct run_process *process, const struct run_thread *thread)
{
	uint32_t first = UINT32_MAX, last = UINT32_MAX;
	struct events events;

	events_begin(&events, process, thread);
	while (events_next(&events)) {
		if (!event_is_step(&events.event))
			continue;
		const uint32_t flow = flow_of[events.event.flow - 1];
		first = first == UINT32_MAX ? flow : first;
		if (flow != last)
			join(groups->of, first, flow);
		last = flow;
	}
	events_end(&events);
	return first;
}

/* All connections that one thread made calls on belong together, also where its id was used again.
 */
static void group_flows(struct groups *groups)
{
	const struct run_process *process = &groups->fold->run->process[0];
	uint32_t *flow_of = memory_take(process->connections, sizeof(*flow_of));
	struct seen *seen = memory_take(process->threads, sizeof(*seen));
	size_t count = 0;

	for (uint32_t f = 0; f < groups->fold->flows; f++)
		flow_of[groups->fold->flow[f].connection->number - 1] = f;
	for (size_t t = 0; t < process->threads; t++) {
		const uint32_t flow = join_thread(groups, flow_of, process, &process->thread[t]);
		if (flow != UINT32_MAX)
			seen[count++] = (struct seen){process->thread[t].tid, flow};
	}
	if (count)
		qsort(seen, count, sizeof(*seen), compare_seen);
	for (size_t i = 1; i < count; i++)
		if (seen[i - 1].tid == seen[i].tid)
			join(groups->of, seen[i - 1].flow, seen[i].flow);
	free(seen);
	free(flow_of);
}

static void measure_flow(struct group *group, const struct flow_fold *flow)
{
	const struct turn_sums *sums = &flow->sums;

	if (!flow->turns)
		return;
	if (!group->first || sums->begin < group->first)
		group->first = sums->begin;
	if (sums->end > group->last)
		group->last = sums->end;
	group->active += sums->took;
}

static uint32_t group_of(const struct groups *groups, const struct stretch *stretch)
{
	return groups->of[stretch->flow];
}

/* Of each group, what its stalls cover together. */
static void take_lost(const struct judge *judge, struct groups *groups)
{
	const struct stretches *stalled = &judge->out->stalled;
	const size_t flows = groups->fold->flows;
	struct stretch_walk count = {.of = stalled}, put = {.of = stalled};
	struct ends_groups own = groups_of(flows, stalled->count);

	while (stretch_next(&count))
		if (count.now.mends)
			groups_count(&own, group_of(groups, &count.now));
	groups_begin(&own);
	while (stretch_next(&put))
		if (put.now.mends)
			groups_put(&own, group_of(groups, &put.now), put.now.begin, put.now.end);
	for (size_t g = 0; g < flows; g++) {
		struct ends part = groups_part(&own, g);
		groups->group[g].lost = ends_cover(&part);
	}
	groups_free(&own);
}

/* One that mostly sleeps beside the work (heartbeats) keeps nobody waiting. */
static bool is_at_work(const struct group *group)
{
	return group->active * 2 >= beyond(group->last, group->first) && group->last;
}

static uint64_t win_of(const struct groups *groups)
{
	uint64_t before = 0, after = 0;

	for (uint32_t g = 0; g < groups->fold->flows; g++) {
		const struct group *group = &groups->group[g];
		const uint64_t end = beyond(group->last, group->lost);

		if (groups->of[g] != g || (!group->lost && !is_at_work(group)))
			continue;
		before = group->last > before ? group->last : before;
		after = end > after ? end : after;
	}
	return before - after;
}

void find_critical(struct judge *judge)
{
	const struct fold *fold = judge->fold;
	struct groups groups = {.fold = fold};

	judge->out->win = UINT64_MAX;
	/* What processes wait for each other is not seen. */
	if (fold->run->processes != 1 || fold->socket_threads < 2)
		return;
	groups.of = memory_take(fold->flows, sizeof(*groups.of));
	groups.group = memory_take(fold->flows, sizeof(*groups.group));
	for (uint32_t f = 0; f < fold->flows; f++)
		groups.of[f] = f;
	group_flows(&groups);
	for (uint32_t f = 0; f < fold->flows; f++)
		groups.of[f] = root_of(groups.of, f);
	for (uint32_t f = 0; f < fold->flows; f++)
		measure_flow(&groups.group[groups.of[f]], &fold->flow[f]);
	take_lost(judge, &groups);
	judge->out->win = win_of(&groups);
	free(groups.of);
	free(groups.group);
}
