/* The turns of all connections: each step of a process goes to what cuts its connection's turns. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>

#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

/* A connection's flow, by its number less 1. */
struct place {
	struct flow_fold *flow; /* NULL: there is none of that number */
	struct cutting *cutting;
};

static bool sets_nodelay_off(const struct trace_event *event)
{
	return event->call == TRACE_SETSOCKOPT && event->flow && !event->error && !event->done &&
	       event->asked == (IPPROTO_TCP << 16 | TCP_NODELAY);
}

static void note_call(void *with, const struct trace_event *event)
{
	const struct place *place = with;

	if (event->call == TRACE_CONNECT && event->flow &&
		event_duration(event) > place[event->flow - 1].flow->connect_took)
		place[event->flow - 1].flow->connect_took = event_duration(event);
	if (sets_nodelay_off(event))
		place[event->flow - 1].flow->nodelay_off = true;
}

static void take_process(
	struct folding *all, const struct run_process *process, struct place *place)
{
	struct merge *merge = merge_begin(process, note_call, place);
	const struct happening *next;

	while ((next = merge_next(merge)) != NULL) {
		struct place *its = &place[next->flow - 1];
		if (!its->cutting)
			its->cutting = cut_begin(all, its->flow);
		if (next->probe)
			cut_probe(its->cutting, &next->step);
		else
			cut_step(its->cutting, &next->step);
	}
	merge_end(merge);
	for (size_t i = 0; i < process->connections; i++) {
		const struct trace_connection *connection = &process->connection[i];
		if (place[i].cutting)
			cut_end(place[i].cutting);
		/* Where it went on behind the program's back, the call alone says too little. */
		if (place[i].flow && connection->connecting &&
			connection->connected > connection->connecting)
			place[i].flow->connect_took =
				connection->connected - connection->connecting;
	}
}

static struct place *make_flows(struct fold *fold, const struct run_process *process)
{
	struct place *place = memory_take(process->connections, sizeof(*place));

	for (size_t i = 0; i < process->connections; i++) {
		if (!process->connection[i].number)
			continue;
		struct flow_fold *flow = place[i].flow = &fold->flow[fold->flows++];
		flow->process = process;
		flow->connection = &process->connection[i];
		flow->serves = flow->connection->role == ROLE_OF_SERVER;
		store_begin(flow, fold->cache);
	}
	return place;
}

void turns_take(struct fold *fold, struct spans *spans)
{
	const struct run *run = fold->run;
	struct folding all = {fold, spans, phrases_begin(fold)};
	size_t flows = 0;

	for (size_t p = 0; p < run->processes; p++)
		for (size_t i = 0; i < run->process[p].connections; i++)
			flows += run->process[p].connection[i].number != 0;
	fold->flow = memory_take(flows, sizeof(*fold->flow));
	fold->cache = cache_new();
	for (size_t p = 0; p < run->processes; p++) {
		struct place *place = make_flows(fold, &run->process[p]);
		take_process(&all, &run->process[p], place);
		free(place);
	}
	/* They took much room, and nobody asks for them any more. */
	blocked_free(spans);
	spans_free(spans);
	endpoints_take(fold);
	signatures_take(all.phrases);
}
