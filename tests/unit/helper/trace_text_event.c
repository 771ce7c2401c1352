/* Puts the calls of a text into their thread, with the thread's clock, and counts them where the
 * library does. How a call is written is trace_text_call.c's. */
#include "trace_text_event.h"

#include <stdio.h>
#include <string.h>

#include "tests/helper/must.h"
#include "trace_text.h"
#include "trace_text_call.h"
#include "trace_text_value.h"

static void put_event(struct trace_text *text, const struct trace_event *event)
{
	struct trace_text_thread *thread = text->thread;
	const size_t events = thread->events;

	/* Room for twice as many where a power of two is full: a sanitizer's realloc() is slow. */
	if ((events & (events - 1)) == 0)
		thread->event = must_realloc(
			thread->event, (events ? 2 * events : 1) * sizeof(*thread->event));
	memcpy(&thread->event[thread->events++], event, sizeof(*event));
}

/* What the library keeps of the call beside the event. */
static void count_call(struct trace_text *text, const struct trace_event *event)
{
	const uint64_t end = event_end(event);
	struct trace_thread *counts = &text->thread->counts;

	counts->calls[event->call]++;
	counts->failed[event->call] += event->error != 0;
	if (!event->flow || event->flow > TRACE_TEXT_MOST)
		return;
	struct trace_connection *connection = &text->now->connection[event->flow - 1];
	const bool data = event->done && !event->error;
	if (call_class(event->call) == CLASS_WRITE && data) {
		connection->writes++;
		connection->bytes_written += event->done;
		connection->proven += (event->flags & EVENT_PROVEN) != 0;
		connection->holds += (event->flags & EVENT_HELD) != 0;
	} else if (call_class(event->call) == CLASS_READ && data) {
		connection->reads++;
		connection->bytes_read += event->done;
	} else if (event->call == TRACE_CONNECT) {
		connection->opened = connection->connecting = event->start;
		connection->connected = event->error && event->error != 115 ? 0 : end;
	} else if (event->call == TRACE_CLOSE) {
		connection->closed = event->start;
	} else if (event->call == TRACE_ACCEPT || event->call == TRACE_ACCEPT4) {
		connection->accepted++;
	}
}

static void read_event(struct trace_text *text, const char **at)
{
	struct trace_event event = {0}, covers = {0};
	uint64_t took = 1000;

	if (**at == '+' || **at == '@') {
		const bool absolute = *(*at)++ == '@';
		const uint64_t time = trace_text_time(at);
		text->thread->clock = time + (absolute ? TRACE_TEXT_BEGAN : text->thread->clock);
		if (text->thread->clock < text->thread->counts.began)
			text->thread->counts.began = text->thread->clock;
		return;
	}
	event.flow = text->flow;
	trace_text_call(text, at, &event);
	if (call_class(event.call) == CLASS_WAIT || call_class(event.call) == CLASS_NAME ||
		call_class(event.call) == CLASS_SLEEP)
		event.flow = 0; /* they are about no connection, or about several */
	if (**at == '(')
		do {
			(*at)++;
			trace_text_attribute(at, &event, &covers);
		} while (**at == ',');
	if (**at == ')')
		(*at)++;
	if (**at == '~') {
		(*at)++;
		took = trace_text_time(at);
	}
	event.start = text->thread->clock += 1000;
	text->thread->clock += took;
	if ((event.flags & TRACE_TEXT_LASTS) == TRACE_TEXT_LASTS) {
		text->thread->counts.waits_since = event.start;
		text->thread->counts.waits_flow = event.flow;
		text->thread->counts.waits_set = event.set;
		text->thread->counts.waits_call = event.call;
		return;
	}
	event.duration = (uint32_t)took;
	event.duration_high = (uint8_t)(took >> 32);
	put_event(text, &event);
	if (covers.call)
		put_event(text, &covers);
	count_call(text, &event);
}

const char *trace_text_events(struct trace_text *text, const char *at)
{
	while (*(at += strspn(at, " \t"))) {
		if (*at == '}')
			return at;
		if (*at != '{') {
			read_event(text, &at);
			if (*at && !strchr(" \t}", *at))
				trace_text_fail("what is this", at);
			continue;
		}
		const char *end = trace_text_events(text, at + 1);
		unsigned times;
		int used = 0;
		if (sscanf(end, "} x%u%n", &times, &used) != 1)
			trace_text_fail("a '}' and how often are missing", end);
		for (unsigned i = 1; i < times; i++)
			trace_text_events(text, at + 1);
		at = end + used;
	}
	return at;
}
