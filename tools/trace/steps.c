/* Each connection's reads and writes, out of the events of all threads of its process, in one
 * order: that of writes' begins and reads' ends. A reader that waited in recv() since before the
 * write got its data after it. Makes flows; turns are cut elsewhere. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "tools/trace/fold_parts.h"
#include "tools/trace/memory.h"

struct placed {
	struct step step;
	size_t place; /* before sorting: keeps the order of equals */
};

static bool is_step(const struct trace_event *event)
{
	const int class = call_class(event->call);

	return (class == CLASS_READ || class == CLASS_WRITE) && event->flow &&
	       !(event->flags & EVENT_FILE);
}

static uint64_t key(const struct step *step)
{
	return step->writes ? step->begin : step->end;
}

static int compare_placed(const void *left, const void *right)
{
	const struct placed *a = left, *b = right;

	if (key(&a->step) != key(&b->step))
		return key(&a->step) < key(&b->step) ? -1 : 1;
	return a->place < b->place ? -1 : a->place > b->place;
}

static void steps_sort(struct flow_fold *flow)
{
	struct placed *placed = memory_take(flow->steps, sizeof(*placed));

	for (size_t i = 0; i < flow->steps; i++)
		placed[i] = (struct placed){flow->step[i], i};
	qsort(placed, flow->steps, sizeof(*placed), compare_placed);
	for (size_t i = 0; i < flow->steps; i++)
		flow->step[i] = placed[i].step;
	free(placed);
}

static struct step step_of(const struct run_thread *thread, size_t index)
{
	const struct trace_event *event = &thread->event[index];

	return (struct step){
		.begin = event->start,
		.end = event_ended(thread, index),
		.asked = event->asked,
		.done = event->error ? 0 : event->done,
		.tid = thread->tid,
		.buffer = event->extra,
		.call = event->call,
		.error = event->error,
		.flags = event->flags,
		.writes = call_class(event->call) == CLASS_WRITE,
	};
}

static bool sets_nodelay_off(const struct trace_event *event)
{
	return event->call == TRACE_SETSOCKOPT && event->flow && !event->error && !event->done &&
	       event->asked == (IPPROTO_TCP << 16 | TCP_NODELAY);
}

/* Whether the write may have what the read got: as many bytes, or some of the same buffer. Other
 * sizes from elsewhere were made of them: encrypted, compressed, put into a frame. */
static bool is_fed(const struct step *write, const struct trace_event *read)
{
	return write->asked == read->done ||
	       (write->asked < read->done && write->buffer && write->buffer == read->extra);
}

/* Puts the thread's steps to their flows; flow[i] is connection i + 1's. */
static void take_thread(struct flow_fold *const *flow, const struct run_thread *thread)
{
	const struct trace_event *file = NULL; /* the file read that a write comes after */

	for (size_t i = 0; i < thread->events; i++) {
		const struct trace_event *event = &thread->event[i];
		if (event->flags & EVENT_FILE && call_class(event->call) == CLASS_READ)
			file = event->error ? NULL : event;
		if (event->call == TRACE_CONNECT && event->flow &&
			event_duration(event) > flow[event->flow - 1]->connect_took)
			flow[event->flow - 1]->connect_took = event_duration(event);
		if (sets_nodelay_off(event))
			flow[event->flow - 1]->nodelay_off = true;
		if (!is_step(event))
			continue;
		struct flow_fold *mine = flow[event->flow - 1];
		struct step *step = &mine->step[mine->steps++];
		*step = step_of(thread, i);
		if (step->writes) {
			step->file_read = file && is_fed(step, file) ? file->done : 0;
			file = NULL;
		}
	}
}

/* Room for each flow's steps. */
static void make_room(const struct run_process *process, struct flow_fold *const *flow)
{
	for (size_t t = 0; t < process->threads; t++)
		for (size_t e = 0; e < process->thread[t].events; e++)
			if (is_step(&process->thread[t].event[e]))
				flow[process->thread[t].event[e].flow - 1]->steps++;
	for (size_t i = 0; i < process->connections; i++) {
		if (!flow[i])
			continue;
		flow[i]->step = memory_take(flow[i]->steps, sizeof(*flow[i]->step));
		flow[i]->steps = 0;
	}
}

static void take_process(const struct run_process *process, struct flow_fold **flow)
{
	make_room(process, flow);
	for (size_t t = 0; t < process->threads; t++)
		take_thread(flow, &process->thread[t]);
	for (size_t i = 0; i < process->connections; i++) {
		if (!flow[i])
			continue;
		const struct trace_connection *connection = flow[i]->connection;
		/* Where it went on behind the program's back, the call alone says too little. */
		if (connection->connecting && connection->connected > connection->connecting)
			flow[i]->connect_took = connection->connected - connection->connecting;
		steps_sort(flow[i]);
	}
}

void steps_take(struct fold *fold)
{
	const struct run *run = fold->run;
	size_t most = 0, next = 0;

	for (size_t p = 0; p < run->processes; p++)
		for (size_t i = 0; i < run->process[p].connections; i++)
			fold->flows += run->process[p].connection[i].number != 0;
	for (size_t p = 0; p < run->processes; p++)
		if (run->process[p].connections > most)
			most = run->process[p].connections;
	fold->flow = memory_take(fold->flows, sizeof(*fold->flow));
	struct flow_fold **flow = memory_take(most, sizeof(struct flow_fold *));
	for (size_t p = 0; p < run->processes; p++) {
		const struct run_process *process = &run->process[p];
		for (size_t i = 0; i < process->connections; i++) {
			flow[i] = NULL;
			if (!process->connection[i].number)
				continue;
			flow[i] = &fold->flow[next++];
			flow[i]->process = process;
			flow[i]->connection = &process->connection[i];
		}
		take_process(process, flow);
	}
	free(flow);
}
