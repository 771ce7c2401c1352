/* Calls that find nothing to do: reads and writes answered EAGAIN without a wait in between (S06),
 * and waits that do not wait (E01). They burn CPU; what that costs is the time in the calls. */
#include <errno.h>

#include "tools/find/judge.h"
#include "tools/read/events.h"

#define IN_A_ROW 100
#define A_SECOND 500	   /* empty waits */
#define A_REST	 (50 * US) /* a wait that long lets others work */

struct spin {
	uint64_t hits, of, ns;
};

static bool moves_bytes(const struct trace_event *event)
{
	int class = call_class(event->call);

	return class == CLASS_READ || class == CLASS_WRITE;
}

static bool is_again(const struct trace_event *event)
{
	return moves_bytes(event) && event->error == EAGAIN;
}

/* What ends a row of EAGAINs: bytes, an error, a rest. */
static bool ends_row(const struct trace_event *event)
{
	int class = call_class(event->call);

	return moves_bytes(event) || event->error || class == CLASS_SLEEP ||
	       (class == CLASS_WAIT && event_duration(event) > A_REST);
}

/* EAGAINs of one flow in rows of IN_A_ROW and more. */
static void count_again(
	const struct run_process *process, const struct run_thread *thread, struct spin *spin)
{
	struct events events;
	uint64_t row = 0, ns = 0;
	uint32_t flow = 0;
	bool more = true;

	events_begin(&events, process, thread);
	while (more) {
		more = events_next(&events);
		const struct trace_event *event = more ? &events.event : NULL;

		spin->of += event && moves_bytes(event);
		if (event && is_again(event) && event->flow == flow) {
			row++;
			ns += event_duration(event);
			continue;
		}
		if (event && !ends_row(event))
			continue;
		if (row >= IN_A_ROW) {
			spin->hits += row;
			spin->ns += ns;
		}
		row = event && is_again(event);
		ns = row ? event_duration(event) : 0;
		flow = event ? event->flow : 0;
	}
	events_end(&events);
}

/* Of a thread that does so often enough. */
static void count_empty_waits(
	const struct run_process *process, const struct run_thread *thread, struct spin *spin)
{
	struct events events;
	struct spin own = {0};
	uint64_t first = 0, last = 0;

	if (!thread_called(thread, CLASS_WAIT))
		return;
	events_begin(&events, process, thread);
	while (events_next(&events)) {
		const struct trace_event *event = &events.event;

		if (call_class(event->call) != CLASS_WAIT)
			continue;
		spin->of++;
		/* A timeout of 1 ms sleeps for it, and burns nothing. */
		if (event->done > 0 || event->error || event->extra > 0)
			continue;
		own.hits++;
		own.ns += event_duration(event);
		first = first ? first : event->start;
		last = event->start;
	}
	events_end(&events);
	if (own.hits < A_SECOND || (double)own.hits * 1e9 <= A_SECOND * (double)beyond(last, first))
		return;
	spin->hits += own.hits;
	spin->ns += own.ns;
}

static struct finding *report(struct judge *judge, const char *code, const struct spin *spin)
{
	struct finding *finding = judge_add(judge, code, UINT32_MAX, NULL);

	finding->sure = SURE_LIKELY;
	finding->fix = FIX_APP;
	finding->hits = spin->hits;
	finding->of = spin->of;
	finding->lost_high = spin->ns;
	finding->saved_calls = spin->hits;
	finding->minor = spin->ns * 100 < judge->fold->split.wall || spin->ns < HABIT_LOST;
	finding_put(finding, how,
		"the time in these calls: CPU that others could have had, not waiting");
	return finding;
}

void find_spin(struct judge *judge)
{
	const struct run *run = judge->fold->run;
	struct spin again = {0}, waits = {0};
	struct finding *finding;

	for (size_t p = 0; p < run->processes; p++)
		for (size_t t = 0; t < run->process[p].threads; t++) {
			count_again(&run->process[p], &run->process[p].thread[t], &again);
			count_empty_waits(&run->process[p], &run->process[p].thread[t], &waits);
		}
	if (again.hits > 0) {
		finding = report(judge, "S06", &again);
		finding_put(finding, what, "asks again at once after EAGAIN: %llu of %llu calls",
			(unsigned long long)again.hits, (unsigned long long)again.of);
		finding_put(finding, no_rule,
			"no rule mends this: the program should wait with poll or epoll");
	}
	if (waits.hits > 0) {
		finding = report(judge, "E01", &waits);
		finding_put(finding, what, "polls without waiting, and finds nothing: %llu of %llu",
			(unsigned long long)waits.hits, (unsigned long long)waits.of);
		finding_put(finding, no_rule,
			"no rule mends this: the program should give its wait a longer timeout");
	}
}
