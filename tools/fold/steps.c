/* The reads and writes of a process's connections, out of the events of all its threads, in one
 * order: that of writes' begins and reads' ends. A reader that waited in recv() since before the
 * write got its data after it. Keeps none of them; turns are cut elsewhere. */
#include <stdlib.h>

#include "tools/read/events.h"
#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

/* What a read of a regular file brought. */
struct file_got {
	bool got;
	uint32_t done;
	uint16_t buffer;
};

/* The calls of a thread stand in order but for so many: two that meet on clocks that are not quite
 * one; and those of signal handlers, which are recorded before the call that they came in. */
#define AHEAD 16u

/* A thread, and what comes next of it. */
struct lane {
	size_t number; /* of the thread */
	struct events events;
	bool more;
	struct file_got file; /* that a write comes after */
	unsigned first, count, room;
	struct happening next[];
};

struct merge {
	const struct run_process *process;
	int fd; /* of its source */
	void (*note)(void *with, const struct trace_event *event);
	void *with;
	bool by_ends;
	struct lane **lane; /* a heap: none comes before the one at half its place */
	size_t lanes;
	struct happening now;
};

bool event_is_step(const struct trace_event *event)
{
	const int class = call_class(event->call);

	return (class == CLASS_READ || class == CLASS_WRITE) && event->flow &&
	       !(event->flags & EVENT_FILE);
}

/* Of the same time a step comes before what is said of it. */
static bool comes_before(const struct happening *a, const struct happening *b)
{
	return a->time != b->time ? a->time < b->time : a->probe < b->probe;
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

/* Whether the write may have what the read got: as many bytes, or some of the same buffer. Other
 * sizes from elsewhere were made of them: encrypted, compressed, put into a frame. */
static bool is_fed(const struct trace_event *write, const struct file_got *read)
{
	return read->got &&
	       (write->asked == read->done ||
		       (write->asked < read->done && write->extra && write->extra == read->buffer));
}

static struct happening *ahead(struct lane *lane, unsigned index)
{
	return &lane->next[(lane->first + index) % lane->room];
}

static void lane_put(struct lane *lane, const struct happening *happening)
{
	unsigned place = lane->count++;

	for (; place && comes_before(happening, ahead(lane, place - 1)); place--)
		*ahead(lane, place) = *ahead(lane, place - 1);
	*ahead(lane, place) = *happening;
}

/* The call that was read, where it is one that counts. */
static void lane_take(struct lane *lane, bool by_ends)
{
	const struct trace_event *event = &lane->events.event;
	struct happening happening = {.flow = event->flow};

	if (event->flags & EVENT_FILE && call_class(event->call) == CLASS_READ)
		lane->file =
			(struct file_got){!event->error && event->done, event->done, event->extra};
	if (event_is_step(event)) {
		happening.step = step_of(&lane->events);
		if (happening.step.writes) {
			happening.step.fed = is_fed(event, &lane->file);
			lane->file.got = false;
		}
	} else if (event->call == TRACE_PROBE && event->flow) {
		happening.probe = true;
		happening.step.begin = event->start;
		happening.step.asked = event->asked;
		happening.step.done = event->done;
	} else {
		return;
	}
	happening.time = happening.probe || (happening.step.writes && !by_ends)
				 ? happening.step.begin
				 : happening.step.end;
	lane_put(lane, &happening);
}

static void lane_fill(struct merge *merge, struct lane *lane)
{
	while (lane->more && lane->count < lane->room) {
		lane->more = events_next(&lane->events);
		if (!lane->more)
			break;
		if (merge->note)
			merge->note(merge->with, &lane->events.event);
		lane_take(lane, merge->by_ends);
	}
}

static void lane_free(struct lane *lane)
{
	events_end(&lane->events);
	free(lane);
}

static bool lane_before(struct lane *a, struct lane *b)
{
	if (comes_before(ahead(a, 0), ahead(b, 0)))
		return true;
	return !comes_before(ahead(b, 0), ahead(a, 0)) && a->number < b->number;
}

static void add_lane(struct merge *merge, size_t number)
{
	const unsigned room = AHEAD + merge->process->thread[number].nested;
	struct lane *lane = memory_take(1, sizeof(*lane) + room * sizeof(*lane->next));
	size_t place = merge->lanes;

	lane->number = number;
	lane->room = room;
	lane->more = true;
	events_begin_at(&lane->events, merge->process, &merge->process->thread[number], merge->fd);
	lane_fill(merge, lane);
	if (!lane->count) {
		lane_free(lane);
		return;
	}
	merge->lane = memory_grow(merge->lane, merge->lanes++, sizeof(struct lane *));
	for (; place && lane_before(lane, merge->lane[(place - 1) / 2]); place = (place - 1) / 2)
		merge->lane[place] = merge->lane[(place - 1) / 2];
	merge->lane[place] = lane;
}

/* Puts the first of the heap where it belongs by now. */
static void sink_first(struct merge *merge)
{
	struct lane *first = merge->lane[0];
	size_t place = 0, child;

	while ((child = 2 * place + 1) < merge->lanes) {
		if (child + 1 < merge->lanes &&
			lane_before(merge->lane[child + 1], merge->lane[child]))
			child++;
		if (!lane_before(merge->lane[child], first))
			break;
		merge->lane[place] = merge->lane[child];
		place = child;
	}
	merge->lane[place] = first;
}

static struct merge *merge_open(const struct merge *how)
{
	struct merge *merge = memory_take(1, sizeof(*merge));

	*merge = *how;
	merge->fd = source_open(&how->process->source);
	for (size_t t = 0; t < how->process->threads; t++)
		add_lane(merge, t);
	return merge;
}

struct merge *merge_begin(const struct run_process *process,
	void (*note)(void *with, const struct trace_event *event), void *with)
{
	const struct merge how = {.process = process, .note = note, .with = with};

	return merge_open(&how);
}

struct merge *merge_by_ends(const struct run_process *process)
{
	const struct merge how = {.process = process, .by_ends = true};

	return merge_open(&how);
}

const struct happening *merge_next(struct merge *merge)
{
	struct lane *lane = merge->lanes ? merge->lane[0] : NULL;

	if (!lane)
		return NULL;
	merge->now = *ahead(lane, 0);
	lane->first = (lane->first + 1) % lane->room;
	lane->count--;
	lane_fill(merge, lane);
	if (!lane->count) {
		lane_free(lane);
		merge->lane[0] = merge->lane[--merge->lanes];
	}
	if (merge->lanes)
		sink_first(merge);
	return &merge->now;
}

void merge_end(struct merge *merge)
{
	for (size_t i = 0; i < merge->lanes; i++)
		lane_free(merge->lane[i]);
	source_close(&merge->process->source, merge->fd);
	free(merge->lane);
	free(merge);
}

size_t steps_list(const struct flow_fold *flow, size_t first, struct step *step, size_t most)
{
	struct merge *merge = merge_begin(flow->process, NULL, NULL);
	const struct happening *next;
	size_t seen = 0, listed = 0;

	while (listed < most && (next = merge_next(merge)) != NULL)
		if (next->flow == flow->connection->number && !next->probe && seen++ >= first)
			step[listed++] = next->step;
	merge_end(merge);
	return listed;
}
