/* Walks through a thread's events where they were recorded, so that nobody has to keep them. Each
 * is checked anew, for what is in a file may have changed since it was first read. */
#include <stdlib.h>
#include <string.h>

#include "tools/read/events.h"
#include "tools/base/memory.h"

#define DURATION_LONGEST ((UINT64_C(1) << 40) - 1)

/* The next one of the thread's, of any kind. What a living program has added since is nobody's:
 * all walks are of the same events. */
static bool next_any(struct events *events, struct trace_event *event)
{
	const struct run_thread *thread = events->thread;

	for (; events->left && events->block < thread->blocks; events->block++, events->part = 0)
		while (events->part < TRACE_EVENTS &&
			file_part(&events->reader, thread->block[events->block], events->part++,
				event, sizeof(*event)))
			if (event->call != TRACE_NOTHING && event_check(events->process, event)) {
				events->left--;
				return true;
			}
	return false;
}

static void add_note(struct events *events, const struct trace_event *note)
{
	events->note = memory_grow(events->note, events->notes, sizeof(*note));
	memcpy(&events->note[events->notes], note, sizeof(*note));
	if (note->call == TRACE_NAME && events->process->masked)
		memset(events->note[events->notes].text, 0, sizeof(note->text));
	events->notes++;
}

/* Up to the next call, which is then ahead. */
static void read_ahead(struct events *events)
{
	events->notes = 0;
	while ((events->more = next_any(events, &events->ahead)) && !event_has_time(&events->ahead))
		add_note(events, &events->ahead);
}

static void begin(
	struct events *events, const struct run_process *process, const struct run_thread *thread)
{
	events->process = process;
	events->thread = thread;
	events->block = events->part = events->notes = 0;
	events->left = thread->events;
	events->note = NULL;
	read_ahead(events);
}

void events_begin(
	struct events *events, const struct run_process *process, const struct run_thread *thread)
{
	reader_begin(&events->reader, &process->source);
	begin(events, process, thread);
}

void events_begin_at(struct events *events, const struct run_process *process,
	const struct run_thread *thread, int fd)
{
	reader_begin_at(&events->reader, &process->source, fd);
	begin(events, process, thread);
}

bool events_next(struct events *events)
{
	if (!events->more)
		return false;
	memcpy(&events->event, &events->ahead, sizeof(events->event));
	read_ahead(events);
	events->ended = event_end(&events->event);
	if (event_duration(&events->event) == DURATION_LONGEST && events->more &&
		events->ahead.start > events->ended)
		events->ended = events->ahead.start;
	return true;
}

void events_end(struct events *events)
{
	reader_end(&events->reader);
	free(events->note);
}

size_t events_notes(const struct events *events, unsigned call)
{
	size_t notes = 0;

	while (notes < events->notes && events->note[notes].call == call)
		notes++;
	return notes;
}

bool thread_called(const struct run_thread *thread, enum trace_class class)
{
	for (unsigned call = 1; call < TRACE_CALL_COUNT; call++)
		if (thread->called >> call & 1 && call_class(call) == (int)class)
			return true;
	return false;
}
