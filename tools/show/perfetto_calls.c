/* Slices of a trace's threads: each call of the program that was recorded. */
#include "tools/show/perfetto.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/error_name.h"
#include "tools/base/memory.h"
#include "tools/fold/called.h"
#include "tools/read/events.h"

/* A call that is kept back until no other can begin before it: signal handlers' calls end, and are
 * recorded, before the one that they came into. */
struct call {
	uint64_t begin, end;
	uint32_t flow, done;
	uint8_t call, error;
};

struct calls {
	struct call *call;
	size_t count, most;
};

static void print_call(struct trace *trace, struct track *track, const struct call *call)
{
	struct slice_text text = {.name = call_name(call->call), .category = "call"};
	char number[16];

	snprintf(number, sizeof(number), "#%u", call->flow);
	if (call->error) {
		text.key = "error";
		text.value = error_name(call->error);
	} else if (call->flow) {
		text.key = "connection";
		text.value = number;
		text.bytes = call_moves_bytes(call->call) ? call->done : 0;
	}
	trace_slice(trace, track, call->begin, call->end, &text);
}

static void pop(struct calls *calls, struct trace *trace, struct track *track)
{
	print_call(trace, track, calls->call);
	memmove(calls->call, calls->call + 1, --calls->count * sizeof(*calls->call));
}

/* Of two that begin at once the longer is around the other. */
static void push(struct calls *calls, const struct call *call)
{
	size_t at = calls->count++;

	for (; at && (calls->call[at - 1].begin > call->begin ||
			     (calls->call[at - 1].begin == call->begin &&
				     calls->call[at - 1].end < call->end));
		at--)
		calls->call[at] = calls->call[at - 1];
	calls->call[at] = *call;
}

static void each_call(struct trace *trace, const struct run_process *process,
	const struct run_thread *thread, struct track *track)
{
	struct calls calls = {.most = (size_t)thread->nested + 1};
	struct events events;

	calls.call = memory_take(calls.most + 1, sizeof(*calls.call));
	events_begin(&events, process, thread);
	while (events_next(&events)) {
		const struct trace_event *event = &events.event;
		const struct call call = {event->start, events.ended, event->flow, event->done,
			event->call, event->error};

		/* what the library asked is none of the program's */
		if (call_class(event->call) == CLASS_NOTE ||
			!trace_takes(trace, since(call.begin, call.end)))
			continue;
		push(&calls, &call);
		if (calls.count > calls.most)
			pop(&calls, trace, track);
	}
	while (calls.count)
		pop(&calls, trace, track);
	events_end(&events);
	free(calls.call);
}

void trace_threads(struct trace *trace)
{
	const struct run *run = trace->report->run;
	char name[32];

	for (size_t p = 0; p < run->processes; p++) {
		const struct run_process *process = &run->process[p];

		for (size_t t = 0; t < process->threads; t++) {
			struct track track = {.pid = trace->counts ? 0 : trace_pid(run, process),
				.tid = trace->counts ? 0 : trace_tid(process, &process->thread[t]),
				.name = name};

			snprintf(name, sizeof(name), "thread %u", process->thread[t].tid);
			each_call(trace, process, &process->thread[t], &track);
		}
	}
}
