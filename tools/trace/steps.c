/* Each connection's reads and writes, out of the events of all threads of its process, in one
 * order: that of writes' begins and reads' ends. A reader that waited in recv() since before the
 * write got its data after it. Makes flows; turns are cut elsewhere. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "tools/trace/events.h"
#include "tools/trace/fold_parts.h"
#include "tools/trace/memory.h"

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

/* Where the steps that stand in order from there on end. */
static size_t end_of_run(const struct flow_fold *flow, size_t first)
{
	size_t end = first;

	while (++end < flow->steps && key(&flow->step[end - 1]) <= key(&flow->step[end]))
		;
	return end < flow->steps ? end : flow->steps;
}

/* Puts two runs that stand one behind the other into one; of equals the first stays first. */
static void merge_runs(struct step *step, size_t middle, size_t end, struct step *room)
{
	size_t left = 0, right = middle;

	memcpy(room, step, middle * sizeof(*step));
	for (size_t i = 0; left < middle; i++)
		step[i] = right < end && key(&step[right]) < key(&room[left]) ? step[right++]
									      : room[left++];
}

/* Each thread's steps stand in order, or nearly. */
static void steps_sort(struct flow_fold *flow)
{
	struct step *room = NULL;
	size_t middle, end;

	while ((middle = end_of_run(flow, 0)) < flow->steps) {
		room = room ? room : memory_take(flow->steps, sizeof(*room));
		for (size_t first = 0; first < flow->steps; first = end) {
			middle = end_of_run(flow, first);
			end = middle < flow->steps ? end_of_run(flow, middle) : middle;
			if (end > middle)
				merge_runs(&flow->step[first], middle - first, end - first, room);
		}
	}
	free(room);
}

static struct step step_of(const struct events *events)
{
	const struct trace_event *event = &events->event;

	return (struct step){
		.begin = event->start,
		.end = events->ended,
		.asked = event->asked,
		.done = event->error ? 0 : event->done,
		.tid = events->thread->tid,
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

/* What a read of a regular file brought. */
struct file_got {
	bool got;
	uint32_t done;
	uint16_t buffer;
};

/* Whether the write may have what the read got: as many bytes, or some of the same buffer. Other
 * sizes from elsewhere were made of them: encrypted, compressed, put into a frame. */
static bool is_fed(const struct step *write, const struct file_got *read)
{
	return write->asked == read->done ||
	       (write->asked < read->done && write->buffer && write->buffer == read->buffer);
}

/* Puts the thread's steps to their flows; flow[i] is connection i + 1's. */
static void take_thread(struct flow_fold *const *flow, const struct run_process *process,
	const struct run_thread *thread)
{
	struct file_got file = {0}; /* that a write comes after */
	struct events events;

	events_begin(&events, process, thread);
	while (events_next(&events)) {
		const struct trace_event *event = &events.event;
		if (event->flags & EVENT_FILE && call_class(event->call) == CLASS_READ)
			file = (struct file_got){!event->error, event->done, event->extra};
		if (event->call == TRACE_CONNECT && event->flow &&
			event_duration(event) > flow[event->flow - 1]->connect_took)
			flow[event->flow - 1]->connect_took = event_duration(event);
		if (sets_nodelay_off(event))
			flow[event->flow - 1]->nodelay_off = true;
		if (!is_step(event))
			continue;
		struct flow_fold *mine = flow[event->flow - 1];
		mine->step = memory_grow(mine->step, mine->steps, sizeof(*mine->step));
		struct step *step = &mine->step[mine->steps++];
		*step = step_of(&events);
		if (step->writes) {
			step->file_read = file.got && is_fed(step, &file) ? file.done : 0;
			file.got = false;
		}
	}
	events_end(&events);
}

static void take_process(const struct run_process *process, struct flow_fold **flow)
{
	for (size_t t = 0; t < process->threads; t++)
		take_thread(flow, process, &process->thread[t]);
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
