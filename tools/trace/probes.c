/* Gives each turn what the kernel said of it, by the notes that the library took behind reads: the
 * segments that were sent again in it, and when bytes that were held back left. Without a note a
 * turn has neither, whatever happened. */
#include <stdlib.h>

#include "tools/trace/events.h"
#include "tools/trace/fold_parts.h"
#include "tools/trace/memory.h"

/* Of the kernel's clock at most (CONFIG_HZ=100), ns. */
#define TICK UINT64_C(10000000)

struct probe {
	const struct run_process *process;
	uint32_t flow;
	uint32_t total;	 /* segments sent again so far */
	uint32_t silent; /* ms since data was last sent */
	uint64_t time;
};

static int compare_probes(const void *left, const void *right)
{
	const struct probe *a = left, *b = right;

	if (a->process != b->process)
		return a->process < b->process ? -1 : 1;
	if (a->flow != b->flow)
		return a->flow < b->flow ? -1 : 1;
	return a->time < b->time ? -1 : a->time > b->time;
}

static struct probe *add_probes(struct probe *probe, size_t *probes,
	const struct run_process *process, const struct run_thread *thread)
{
	struct events events;

	if (!thread_called(thread, CLASS_NOTE))
		return probe;
	events_begin(&events, process, thread);
	while (events_next(&events)) {
		const struct trace_event *event = &events.event;

		if (event->call != TRACE_PROBE || !event->flow)
			continue;
		probe = memory_grow(probe, *probes, sizeof(*probe));
		probe[(*probes)++] = (struct probe){
			process, event->flow, event->asked, event->done, event->start};
	}
	events_end(&events);
	return probe;
}

static struct probe *list_probes(const struct run *run, size_t *probes)
{
	struct probe *probe = NULL;

	*probes = 0;
	for (size_t p = 0; p < run->processes; p++)
		for (size_t t = 0; t < run->process[p].threads; t++)
			probe = add_probes(
				probe, probes, &run->process[p], &run->process[p].thread[t]);
	if (*probes)
		qsort(probe, *probes, sizeof(*probe), compare_probes);
	return probe;
}

/* The turn that was going on then: the last that began before; NULL: none had. */
static struct turn *turn_at(struct flow_fold *flow, uint64_t time)
{
	size_t low = 0, high = flow->turns;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (flow->turn[middle].begin <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &flow->turn[low - 1] : NULL;
}

/* The notes of two threads may stand the other way round. */
static void take_retrans(struct turn *turn, const struct probe *probe, uint32_t *before)
{
	if (probe->total <= *before)
		return;
	if (turn)
		turn->retrans += probe->total - *before;
	*before = probe->total;
}

/* A server's turn is over when the client speaks again, which begins the next one. What another
 * thread has sent since the answer came says nothing of this turn. */
static void take_left(const struct flow_fold *flow, struct turn *turn, const struct probe *probe)
{
	const uint64_t silent = UINT64_C(1000000) * probe->silent;
	const uint64_t left = probe->time > silent ? probe->time - silent : 1;

	if (turn && flow->serves)
		turn = turn > flow->turn ? turn - 1 : NULL;
	if (turn && (turn->proven || turn->more) && !turn->filled && !turn->left &&
		turn->answered && left <= turn->answered + TICK)
		turn->left = left;
}

void probes_take(struct fold *fold)
{
	size_t probes, next = 0;
	struct probe *probe = list_probes(fold->run, &probes);

	/* Flows stand in the order of their processes and numbers, as the probes do. */
	for (size_t f = 0; f < fold->flows; f++) {
		struct flow_fold *flow = &fold->flow[f];
		const struct trace_tcp *tcp = &flow->connection->at_connect;
		uint32_t before = tcp->taken ? tcp->total_retrans : 0;
		for (; next < probes && probe[next].process == flow->process &&
			probe[next].flow == flow->connection->number;
			next++) {
			struct turn *turn = turn_at(flow, probe[next].time);

			take_retrans(turn, &probe[next], &before);
			take_left(flow, turn, &probe[next]);
		}
	}
	free(probe);
}
