/* The waits before single steps, read again from the recording for who shows a turn. */
#include <string.h>

#include "tools/fold/fold.h"
#include "tools/read/events.h"

/* Notes what that thread waited in from the step before each of its reads. */
static void note_wait(const struct trace_event *event, uint32_t tid, const struct step *step,
	size_t steps, struct trace_event *wait)
{
	for (size_t s = 1; s < steps; s++)
		if (step[s].tid == tid && !step[s].writes && event->start < step[s].begin &&
			event->start >= step[s - 1].begin)
			memcpy(&wait[s], event, sizeof(*event));
}

void waits_list(const struct run_process *process, const struct step *step, size_t steps,
	uint64_t least, struct trace_event *wait)
{
	const struct step *last = &step[steps - 1];
	struct events events;

	memset(wait, 0, steps * sizeof(*wait));
	for (size_t t = 0; t < process->threads; t++) {
		events_begin(&events, process, &process->thread[t]);
		while (events_next(&events) && events.event.start < last->end)
			if (event_duration(&events.event) >= least &&
				call_class(events.event.call) == CLASS_WAIT)
				note_wait(&events.event, process->thread[t].tid, step, steps, wait);
		events_end(&events);
	}
}
