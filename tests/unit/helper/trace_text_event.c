/* Puts the calls of a text into their thread, with the thread's clock, and counts them where the
 * library does. How a call is written is trace_text_call.c's. */
#include "trace_text_event.h"

#include <stdio.h>
#include <string.h>

#include "tests/helper/must.h"
#include "trace_text.h"
#include "trace_text_call.h"
#include "trace_text_value.h"

static void put_event(struct trace_text_thread *thread, const struct trace_event *event)
{
	const size_t events = thread->events;

	/* Room for twice as many where a power of two is full: a sanitizer's realloc() is slow. */
	if ((events & (events - 1)) == 0)
		thread->event = must_realloc(
			thread->event, (events ? 2 * events : 1) * sizeof(*thread->event));
	memcpy(&thread->event[thread->events++], event, sizeof(*event));
}

/* What the library keeps of a connection at each of its calls. */
static void count_flow(struct trace_connection *connection, const struct trace_event *event)
{
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
		connection->connected = event->error && event->error != 115 ? 0 : event_end(event);
	} else if (event->call == TRACE_CLOSE) {
		connection->closed = event->start;
	} else if (event->call == TRACE_ACCEPT || event->call == TRACE_ACCEPT4) {
		connection->accepted++;
	}
}

/* What the library keeps of the call beside the event. */
static void count_call(struct trace_text *text, const struct trace_event *event)
{
	struct trace_thread *counts = &text->thread->counts;

	counts->calls[event->call]++;
	counts->failed[event->call] += event->error != 0;
	if (event->flow && event->flow <= TRACE_TEXT_MOST)
		count_flow(&text->now->connection[event->flow - 1], event);
}

/* "+5ms", "@2s" */
static void move_clock(struct trace_text_thread *thread, const char **at)
{
	const bool absolute = *(*at)++ == '@';
	const uint64_t time = trace_text_time(at);

	thread->clock = time + (absolute ? TRACE_TEXT_BEGAN : thread->clock);
	if (thread->clock < thread->counts.began)
		thread->counts.began = thread->clock;
}

/* The thread was in that call when the process ended. */
static void wait_for_good(struct trace_thread *counts, const struct trace_event *event)
{
	counts->waits_since = event->start;
	counts->waits_flow = event->flow;
	counts->waits_set = event->set;
	counts->waits_call = event->call;
}

static void read_call(struct trace_text *text, const char **at)
{
	struct trace_text_thread *thread = text->thread;
	struct trace_text_call call;
	struct trace_event *event = &call.event;

	trace_text_call(text, at, &call);
	event->start = thread->clock += 1000;
	thread->clock += call.took;
	if ((event->flags & TRACE_TEXT_LASTS) == TRACE_TEXT_LASTS) {
		wait_for_good(&thread->counts, event);
		return;
	}
	event->duration = (uint32_t)call.took;
	event->duration_high = (uint8_t)(call.took >> 32);
	put_event(thread, event);
	if (call.covers.call)
		put_event(thread, &call.covers);
	count_call(text, event);
}

/* "{ EVENT ... } x40"; returns what comes after. */
static const char *read_group(struct trace_text *text, const char *at)
{
	const char *end = trace_text_events(text, at + 1);
	unsigned times;
	int used = 0;

	if (sscanf(end, "} x%u%n", &times, &used) != 1)
		trace_text_fail("a '}' and how often are missing", end);
	for (unsigned i = 1; i < times; i++)
		trace_text_events(text, at + 1);
	return end + used;
}

const char *trace_text_events(struct trace_text *text, const char *at)
{
	while (*(at += strspn(at, " \t")) && *at != '}') {
		if (*at == '{') {
			at = read_group(text, at);
			continue;
		}
		if (*at == '+' || *at == '@')
			move_clock(text->thread, &at);
		else
			read_call(text, &at);
		if (*at && !strchr(" \t}", *at))
			trace_text_fail("what is this", at);
	}
	return at;
}
