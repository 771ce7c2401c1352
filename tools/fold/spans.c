/* When threads waited for peers, and when in calls that are no peer's fault: from each thread's
 * events, in its own order. What a call waited *for* is taken from the events alone; what it cost
 * is others' to judge. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tools/read/events.h"
#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

#define MS	     UINT64_C(1000000)
#define WATCHED_MOST ((1u << 30) - 1) /* of struct span */

static bool is_epoll(unsigned call)
{
	return call == TRACE_EPOLL_WAIT || call == TRACE_EPOLL_PWAIT || call == TRACE_EPOLL_PWAIT2;
}

static bool is_accept(unsigned call)
{
	return call == TRACE_ACCEPT || call == TRACE_ACCEPT4;
}

/* What must be known of the thread as a whole. */
struct habits {
	uint64_t finds[1024]; /* epoll's descriptors, a bit each: it finds flows ready */
	uint64_t covers;      /* calls, a bit each: the last one was told to watch flows */
	const struct connected *connected;
};

/* A thread while its spans are taken. */
struct taking {
	struct thread_spans spans;
	struct events events;
	struct habits habits;
	bool accepts;	   /* it has accepted, or tried to */
	uint64_t recorded; /* when the calls so far had ended */
	uint64_t latest;   /* when the one that began last of them did */
};

static bool finds_flows(const struct habits *habits, unsigned set)
{
	return habits->finds[set / 64] >> set % 64 & 1;
}

static void take_habit(struct habits *habits, const struct events *events)
{
	const struct trace_event *event = &events->event;
	const bool covers = events_notes(events, TRACE_COVERS) > 0;

	if (is_epoll(event->call) && covers)
		habits->finds[event->set / 64] |= UINT64_C(1) << event->set % 64;
	if (call_class(event->call) == CLASS_WAIT)
		habits->covers = (habits->covers & ~(UINT64_C(1) << event->call)) |
				 (uint64_t)covers << event->call;
}

static void habits_take(
	struct habits *habits, const struct run_process *process, const struct run_thread *thread)
{
	struct events events;

	if (!thread_called(thread, CLASS_WAIT))
		return;
	events_begin(&events, process, thread);
	while (events_next(&events))
		take_habit(habits, &events);
	events_end(&events);
}

/* A wait for connections that are all still on their way is connect()'s. */
static enum span_kind kind_of_wait(const struct thread_spans *thread, const struct span *span)
{
	for (size_t i = 0; i < span->watched; i++) {
		const uint32_t number = thread->watched[span->first + i];
		const struct trace_connection *connection =
			&thread->process->connection[number - 1];
		if (!connection->connecting || connection->connecting > span->begin ||
			(connection->connected && connection->connected <= span->begin))
			return SPAN_PEER;
	}
	return span->watched ? SPAN_OTHER : SPAN_PEER;
}

/* What the wait was told to watch, from the notes behind it. */
static void take_watched(
	struct thread_spans *thread, const struct events *events, struct span *span)
{
	const size_t notes = events_notes(events, TRACE_COVERS);

	span->first = (uint32_t)thread->watches;
	for (size_t i = 0; i < notes; i++)
		for (size_t j = 0; j < 6 && events->note[i].covered[j]; j++) {
			thread->watched = memory_grow(
				thread->watched, thread->watches, sizeof(*thread->watched));
			thread->watched[thread->watches++] = events->note[i].covered[j];
		}
	span->watched = ((uint32_t)thread->watches - span->first) & WATCHED_MOST;
	if (!span->watched)
		span->flow = 0;
}

static bool span_of_wait(struct taking *taking, struct span *span)
{
	const struct trace_event *event = &taking->events.event;
	const struct habits *habits = &taking->habits;

	take_watched(&taking->spans, &taking->events, span);
	/* epoll names what was ready only: one that found nothing waited for all it watches, and so
	 * did a server's that nobody was connected to, whatever told it to end. */
	if (!span->watched && !(is_epoll(event->call) && finds_flows(habits, event->set) &&
				      (!event->done || connected_to_nobody(habits->connected,
							       span->begin, span->end))))
		return false;
	span->kind = kind_of_wait(&taking->spans, span);
	return true;
}

/* There is no file before the first connection: what a server did until one came was not recorded,
 * but for what made its sockets, and was waiting for it. */
static bool waited_unrecorded(const struct taking *taking, struct span *span)
{
	const struct run_process *process = taking->spans.process;
	const uint64_t opened = process->connection[span->flow - 1].opened;
	uint64_t since = opened ? opened : span->begin;

	if (span->begin > process->header.started)
		return false;
	if (taking->recorded > since)
		since = taking->recorded;
	if (since >= span->begin)
		return false;
	span->begin = since;
	return true;
}

/* An accept: the first one of the thread may have begun unseen. */
static bool span_of_accept(struct taking *taking, struct span *span)
{
	const struct trace_event *event = &taking->events.event;
	const bool first = !taking->accepts;

	taking->accepts = true;
	return event->flow &&
	       ((first && waited_unrecorded(taking, span)) || !(event->flags & EVENT_NONBLOCK));
}

/* Whether the call waited, or may have; then what for. */
static bool span_of(struct taking *taking, struct span *span)
{
	const struct trace_event *event = &taking->events.event;

	*span = (struct span){.begin = event->start, .end = taking->events.ended};
	span->flow = call_class(event->call) == CLASS_WAIT ? 0 : event->flow;
	switch (call_class(event->call)) {
	case CLASS_READ:
		return event->flow && !(event->flags & (EVENT_NONBLOCK | EVENT_FILE));
	case CLASS_WRITE:
		return event->flow && span->end - span->begin >= MS;
	case CLASS_WAIT:
		return !(event->flags & EVENT_NONBLOCK) && span_of_wait(taking, span);
	case CLASS_NAME:
		span->kind = SPAN_NAMES;
		return true;
	case CLASS_SETUP:
		if (is_accept(event->call))
			return span_of_accept(taking, span);
		span->kind = SPAN_OTHER;
		return event->flow && (event->call == TRACE_CONNECT || event->call == TRACE_CLOSE ||
					      event->call == TRACE_SHUTDOWN);
	default:
		return false;
	}
}

/* When the process ended, 0: nobody knows. A server that was killed is taken to have served to the
 * end of the run, and all of a run to have ended with COMMAND where that was killed; other clients
 * are killed by who will not wait for them any longer, and the run goes on. */
static uint64_t end_of(
	const struct run *run, const struct run_process *process, const struct connected *connected)
{
	if (process->header.ended)
		return process->header.ended;
	return connected->serves || WIFSIGNALED(run->status) ? run->ended : 0;
}

/* The call that the thread was in when its process ended: killed, or left by another thread or a
 * handler. Of a process that ended by itself that is known of its first thread alone: others may
 * have been cancelled in it. */
static bool span_of_last(const struct run *run, const struct taking *taking,
	const struct run_thread *thread, struct span *span)
{
	const struct run_process *process = taking->spans.process;
	const struct trace_thread *counts = &thread->counts;
	const struct habits *habits = &taking->habits;

	if (!counts->waits_since || process->header.full || counts->lost ||
		(process->header.ended && thread->tid != (uint32_t)process->header.pid) ||
		taking->latest >= counts->waits_since)
		return false;
	*span = (struct span){.begin = counts->waits_since,
		.end = end_of(run, process, habits->connected),
		.flow = counts->waits_flow};
	if (span->end <= span->begin)
		return false;
	if (is_epoll(counts->waits_call))
		return finds_flows(habits, counts->waits_set);
	if (call_class(counts->waits_call) == CLASS_WAIT)
		return habits->covers >> counts->waits_call & 1;
	return span->flow &&
	       (call_class(counts->waits_call) == CLASS_READ || is_accept(counts->waits_call));
}

static void add_span(struct thread_spans *taken, const struct span *span)
{
	if (taken->first && span->begin < taken->first)
		taken->first = span->begin;
	taken->span = memory_grow(taken->span, taken->spans, sizeof(*span));
	taken->span[taken->spans++] = *span;
}

/* Signal handlers make calls within calls, and damage may say anything: the earlier span wins. */
static void spans_part(struct thread_spans *thread)
{
	uint64_t end = 0;

	/* As a rule they stand in order, and sorting takes as much memory again. */
	for (size_t i = 1; i < thread->spans; i++)
		if (thread->span[i].begin < thread->span[i - 1].begin) {
			qsort(thread->span, thread->spans, sizeof(*thread->span), compare_first);
			break;
		}
	for (size_t i = 0; i < thread->spans; i++) {
		struct span *span = &thread->span[i];
		if (span->begin < end)
			span->begin = end;
		if (span->end < span->begin)
			span->end = span->begin;
		end = span->end;
	}
}

static void take_call(struct taking *taking)
{
	struct thread_spans *taken = &taking->spans;
	const struct trace_event *event = &taking->events.event;
	struct span span;

	if (event->flow && event->call != TRACE_PROBE) {
		if (!taken->first || event->start < taken->first)
			taken->first = event->start;
		if (taking->events.ended > taken->last)
			taken->last = taking->events.ended;
	}
	if (span_of(taking, &span))
		add_span(taken, &span);
	if (event_end(event) > taking->recorded)
		taking->recorded = event_end(event);
	if (event->start > taking->latest)
		taking->latest = event->start;
}

void spans_drop(struct thread_spans *thread)
{
	free(thread->span);
	free(thread->watched);
	thread->span = NULL;
	thread->watched = NULL;
	thread->spans = thread->watches = 0;
}

static void take_thread(struct spans *spans, const struct run *run,
	const struct run_process *process, const struct run_thread *thread,
	const struct connected *connected)
{
	struct taking taking = {.spans = {.process = process, .tid = thread->tid},
		.habits = {.connected = connected}};
	struct span span;

	habits_take(&taking.habits, process, thread);
	events_begin(&taking.events, process, thread);
	while (events_next(&taking.events))
		take_call(&taking);
	events_end(&taking.events);
	if (taking.spans.first && span_of_last(run, &taking, thread, &span))
		add_span(&taking.spans, &span);
	if (!taking.spans.first) {
		spans_drop(&taking.spans);
		return;
	}
	spans_part(&taking.spans);
	spans->thread = memory_grow(spans->thread, spans->threads, sizeof(taking.spans));
	spans->thread[spans->threads++] = taking.spans;
}

void spans_take(const struct run *run, struct spans *spans)
{
	memset(spans, 0, sizeof(*spans));
	for (size_t p = 0; p < run->processes; p++) {
		const struct run_process *process = &run->process[p];
		struct connected connected;

		connected_take(process, &connected);
		for (size_t t = 0; t < process->threads; t++) {
			take_thread(spans, run, process, &process->thread[t], &connected);
			spans->events += process->thread[t].events;
		}
		connected_free(&connected);
	}
}

void spans_free(struct spans *spans)
{
	for (size_t i = 0; i < spans->threads; i++)
		spans_drop(&spans->thread[i]);
	free(spans->thread);
}
