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

/* A connection's flow, and how many steps it has room for. */
struct place {
	struct flow_fold *flow; /* NULL: there is none of that number */
	size_t room;
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
static bool is_fed(const struct trace_event *write, const struct file_got *read)
{
	return read->got &&
	       (write->asked == read->done ||
		       (write->asked < read->done && write->extra && write->extra == read->buffer));
}

/* Puts the thread's steps to their flows; place[i] is connection i + 1's. */
static void take_thread(const struct place *place, const struct run_process *process,
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
			event_duration(event) > place[event->flow - 1].flow->connect_took)
			place[event->flow - 1].flow->connect_took = event_duration(event);
		if (sets_nodelay_off(event))
			place[event->flow - 1].flow->nodelay_off = true;
		if (!is_step(event))
			continue;
		struct flow_fold *mine = place[event->flow - 1].flow;
		/* There are more where the recording goes on meanwhile. */
		if (mine->steps == place[event->flow - 1].room)
			continue;
		struct step *step = &mine->step[mine->steps++];
		*step = step_of(&events);
		if (step->writes) {
			step->fed = is_fed(event, &file);
			file.got = false;
		}
	}
	events_end(&events);
}

/* Room for each flow's steps. */
static void make_room(const struct run_process *process, struct place *place)
{
	struct events events;

	for (size_t t = 0; t < process->threads; t++) {
		events_begin(&events, process, &process->thread[t]);
		while (events_next(&events))
			if (is_step(&events.event))
				place[events.event.flow - 1].room++;
		events_end(&events);
	}
	for (size_t i = 0; i < process->connections; i++)
		if (place[i].flow)
			place[i].flow->step =
				memory_take(place[i].room, sizeof(*place[i].flow->step));
}

static void take_process(const struct run_process *process, struct place *place)
{
	make_room(process, place);
	for (size_t t = 0; t < process->threads; t++)
		take_thread(place, process, &process->thread[t]);
	for (size_t i = 0; i < process->connections; i++) {
		struct flow_fold *flow = place[i].flow;
		if (!flow)
			continue;
		const struct trace_connection *connection = flow->connection;
		/* Where it went on behind the program's back, the call alone says too little. */
		if (connection->connecting && connection->connected > connection->connecting)
			flow->connect_took = connection->connected - connection->connecting;
		steps_sort(flow);
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
	struct place *place = memory_take(most, sizeof(*place));
	for (size_t p = 0; p < run->processes; p++) {
		const struct run_process *process = &run->process[p];
		for (size_t i = 0; i < process->connections; i++) {
			place[i] = (struct place){NULL, 0};
			if (!process->connection[i].number)
				continue;
			place[i].flow = &fold->flow[next++];
			place[i].flow->process = process;
			place[i].flow->connection = &process->connection[i];
		}
		take_process(process, place);
	}
	free(place);
}
