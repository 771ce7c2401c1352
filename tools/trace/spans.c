/* When threads waited for peers, and when in calls that are no peer's fault: from each thread's
 * events, in its own order. What a call waited *for* is taken from the events alone; what it cost
 * is others' to judge. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tools/trace/fold_parts.h"
#include "tools/trace/memory.h"

#define MS		 UINT64_C(1000000)
#define DURATION_LONGEST ((UINT64_C(1) << 40) - 1)

static bool has_time(const struct trace_event *event)
{
	return event->call != TRACE_COVERS && event->call != TRACE_NAME;
}

uint64_t event_ended(const struct run_thread *thread, size_t index)
{
	const struct trace_event *event = &thread->event[index];

	if (event_duration(event) < DURATION_LONGEST)
		return event_end(event);
	for (size_t i = index + 1; i < thread->events; i++)
		if (has_time(&thread->event[i])) {
			uint64_t next = thread->event[i].start;
			return next > event_end(event) ? next : event_end(event);
		}
	return event_end(event);
}

/* The COVERS events right behind a wait. */
static size_t count_covers(const struct run_thread *thread, size_t wait)
{
	size_t end = wait + 1;

	while (end < thread->events && thread->event[end].call == TRACE_COVERS)
		end++;
	return end - wait - 1;
}

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
	size_t first_accept;  /* that event; SIZE_MAX: none */
	const struct connected *connected;
};

static bool finds_flows(const struct habits *habits, unsigned set)
{
	return habits->finds[set / 64] >> set % 64 & 1;
}

static void habits_take(
	const struct run_thread *thread, const struct connected *connected, struct habits *habits)
{
	*habits = (struct habits){.first_accept = SIZE_MAX, .connected = connected};
	for (size_t i = 0; i < thread->events; i++) {
		const struct trace_event *event = &thread->event[i];
		const bool covers = count_covers(thread, i);
		if (is_epoll(event->call) && covers)
			habits->finds[event->set / 64] |= UINT64_C(1) << event->set % 64;
		if (call_class(event->call) == CLASS_WAIT)
			habits->covers = (habits->covers & ~(UINT64_C(1) << event->call)) |
					 (uint64_t)covers << event->call;
		if (is_accept(event->call) && habits->first_accept == SIZE_MAX)
			habits->first_accept = i;
	}
}

/* A wait for connections that are all still on their way is connect()'s. */
static enum span_kind kind_of_wait(const struct run_process *process, const struct span *span)
{
	for (size_t i = 0; i < span->covered; i++)
		for (size_t j = 0; j < 6 && span->covers[i].covered[j]; j++) {
			const struct trace_connection *connection =
				&process->connection[span->covers[i].covered[j] - 1];
			if (!connection->connecting || connection->connecting > span->begin ||
				(connection->connected && connection->connected <= span->begin))
				return SPAN_PEER;
		}
	return span->covered ? SPAN_OTHER : SPAN_PEER;
}

static bool span_of_wait(const struct run_process *process, const struct run_thread *thread,
	size_t index, const struct habits *habits, struct span *span)
{
	const struct trace_event *event = &thread->event[index];

	span->covered = count_covers(thread, index);
	span->covers = event + 1;
	/* epoll names what was ready only: one that found nothing waited for all it watches, and so
	 * did a server's that nobody was connected to, whatever told it to end. */
	if (!span->covered && !(is_epoll(event->call) && finds_flows(habits, event->set) &&
				      (!event->done || connected_to_nobody(habits->connected,
							       span->begin, span->end))))
		return false;
	span->kind = kind_of_wait(process, span);
	return true;
}

/* There is no file before the first connection: what a server did until one came was not recorded,
 * but for what made its sockets, and was waiting for it. */
static bool waited_unrecorded(const struct run_process *process, const struct run_thread *thread,
	size_t index, struct span *span)
{
	const uint64_t opened = process->connection[span->flow - 1].opened;
	uint64_t since = opened ? opened : span->begin;

	if (span->begin > process->header.started)
		return false;
	for (size_t i = 0; i < index; i++)
		if (has_time(&thread->event[i]) && event_end(&thread->event[i]) > since)
			since = event_end(&thread->event[i]);
	if (since >= span->begin)
		return false;
	span->begin = since;
	return true;
}

/* Whether that event waited, or may have; then what for. */
static bool span_of(const struct run_process *process, const struct run_thread *thread,
	size_t index, const struct habits *habits, struct span *span)
{
	const struct trace_event *event = &thread->event[index];

	if (!has_time(event))
		return false;
	*span = (struct span){.begin = event->start, .end = event_ended(thread, index)};
	span->flow = call_class(event->call) == CLASS_WAIT ? 0 : event->flow;
	switch (call_class(event->call)) {
	case CLASS_READ:
		return event->flow && !(event->flags & (EVENT_NONBLOCK | EVENT_FILE));
	case CLASS_WRITE:
		return event->flow && span->end - span->begin >= MS;
	case CLASS_WAIT:
		return !(event->flags & EVENT_NONBLOCK) &&
		       span_of_wait(process, thread, index, habits, span);
	case CLASS_NAME:
		span->kind = SPAN_NAMES;
		return true;
	case CLASS_SETUP:
		if (is_accept(event->call))
			return event->flow &&
			       ((index == habits->first_accept &&
					waited_unrecorded(process, thread, index, span)) ||
				       !(event->flags & EVENT_NONBLOCK));
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
static bool span_of_last(const struct run *run, const struct run_process *process,
	const struct run_thread *thread, const struct habits *habits, struct span *span)
{
	const struct trace_thread *counts = &thread->counts;

	if (!counts->waits_since || process->header.full || counts->lost ||
		(process->header.ended && thread->tid != (uint32_t)process->header.pid))
		return false;
	for (size_t i = 0; i < thread->events; i++)
		if (has_time(&thread->event[i]) && thread->event[i].start >= counts->waits_since)
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

static int compare_spans(const void *left, const void *right)
{
	const struct span *a = left, *b = right;

	return a->begin < b->begin ? -1 : a->begin > b->begin;
}

/* Signal handlers make calls within calls, and damage may say anything: the earlier span wins. */
static void spans_part(struct thread_spans *thread)
{
	uint64_t end = 0;

	if (thread->spans)
		qsort(thread->span, thread->spans, sizeof(*thread->span), compare_spans);
	for (size_t i = 0; i < thread->spans; i++) {
		struct span *span = &thread->span[i];
		if (span->begin < end)
			span->begin = end;
		if (span->end < span->begin)
			span->end = span->begin;
		end = span->end;
	}
}

static void take_thread(struct spans *spans, const struct run *run,
	const struct run_process *process, const struct run_thread *thread,
	const struct connected *connected)
{
	struct thread_spans taken = {.process = process, .tid = thread->tid};
	struct habits habits;
	struct span span;

	habits_take(thread, connected, &habits);
	for (size_t i = 0; i < thread->events; i++) {
		const struct trace_event *event = &thread->event[i];
		if (has_time(event) && event->flow && event->call != TRACE_PROBE) {
			if (!taken.first || event->start < taken.first)
				taken.first = event->start;
			if (event_ended(thread, i) > taken.last)
				taken.last = event_ended(thread, i);
		}
		if (span_of(process, thread, i, &habits, &span))
			add_span(&taken, &span);
	}
	if (taken.first && span_of_last(run, process, thread, &habits, &span))
		add_span(&taken, &span);
	if (!taken.first) {
		free(taken.span);
		return;
	}
	spans_part(&taken);
	spans->thread = memory_grow(spans->thread, spans->threads, sizeof(taken));
	spans->thread[spans->threads++] = taken;
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
	blocked_index(spans);
}

void spans_free(struct spans *spans)
{
	for (size_t i = 0; i < spans->threads; i++)
		free(spans->thread[i].span);
	free(spans->thread);
	free(spans->blocked);
}
