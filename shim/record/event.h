/* How a call is told, and how an event is written into its place. */
#ifndef SOCKFIX_TRACE_EVENT_H
#define SOCKFIX_TRACE_EVENT_H

#include <string.h>

#include "shim/record/file.h"

/* In place of the number of a connection that has none yet: found again when the file is made. */
#define TRACE_EARLY 0x80000000u

struct trace_note {
	uint8_t call;  /* enum trace_call */
	uint8_t flags; /* enum trace_flag */
	uint16_t extra, set;
	int error;
	uint32_t flow; /* number of the connection, 0: none */
	uint64_t start, end;
	uint64_t asked, done;
	const char *name; /* to be kept behind the event; NULL: none */
};

static inline struct trace_event *block_events(uint64_t block)
{
	return (struct trace_event *)(trace_block_at(block) + 1);
}

static inline uint32_t event_capped(uint64_t number)
{
	return number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

static inline void event_write(struct trace_event *event, const struct trace_note *note)
{
	uint64_t took = note->end - note->start;

	if (took >> 40)
		took = (UINT64_C(1) << 40) - 1;
	event->error = (uint8_t)note->error;
	event->flags = note->flags;
	event->duration = (uint32_t)took;
	event->duration_high = (uint8_t)(took >> 32);
	event->start = note->start;
	event->flow = note->flow & TRACE_EARLY ? 0 : note->flow;
	event->asked = event_capped(note->asked);
	event->done = event_capped(note->done);
	event->extra = note->extra;
	event->set = note->set;
	atomic_store_explicit(&event->call, note->call, memory_order_release);
}

/* One piece of a name. Returns what is left of it. */
static inline const char *event_write_name(struct trace_event *event, const char *name)
{
	size_t length = strnlen(name, sizeof(event->text));

	memcpy(event->text, name, length);
	atomic_store_explicit(&event->call, TRACE_NAME, memory_order_release);
	return name + length;
}

#endif
