/* Calls that find nothing to do: reads and writes answered EAGAIN without a wait in between (S06),
 * and waits that do not wait (E01). They burn CPU; what that costs is the time in the calls. */
#include <errno.h>
#include <stdio.h>

#include "tools/find/judge.h"

#define IN_A_ROW 100
#define A_SECOND 500 /* empty waits */

struct spin {
	uint64_t hits, of, ns, first, last;
};

static bool is_again(const struct trace_event *event)
{
	int class = call_class(event->call);

	return (class == CLASS_READ || class == CLASS_WRITE) && event->error == EAGAIN;
}

static bool rests(const struct trace_event *event)
{
	int class = call_class(event->call);

	return class == CLASS_SLEEP || (class == CLASS_WAIT && event_duration(event) > 50 * US);
}

/* EAGAINs of one flow in rows of IN_A_ROW and more. */
static void count_again(const struct run_thread *thread, struct spin *spin)
{
	uint64_t row = 0, ns = 0;
	uint32_t flow = 0;

	for (size_t i = 0; i <= thread->events; i++) {
		const struct trace_event *event = i < thread->events ? &thread->event[i] : NULL;

		if (event && is_again(event) && event->flow == flow) {
			row++;
			ns += event_duration(event);
			continue;
		}
		if (event && !is_again(event) && !rests(event) && event->error == 0 &&
			call_class(event->call) != CLASS_READ &&
			call_class(event->call) != CLASS_WRITE)
			continue;
		if (row >= IN_A_ROW) {
			spin->hits += row;
			spin->ns += ns;
		}
		row = event && is_again(event);
		ns = row ? event_duration(event) : 0;
		flow = event ? event->flow : 0;
	}
}

static void count_empty_waits(const struct run_thread *thread, struct spin *spin)
{
	for (size_t i = 0; i < thread->events; i++) {
		const struct trace_event *event = &thread->event[i];

		if (call_class(event->call) != CLASS_WAIT)
			continue;
		spin->of++;
		if (event->done > 0 || event->error || event->extra > 1)
			continue;
		spin->hits++;
		spin->ns += event_duration(event);
		spin->first = spin->first ? spin->first : event->start;
		spin->last = event->start;
	}
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
	finding->minor = spin->ns * 100 < judge->fold->split.wall;
	snprintf(finding->how, sizeof(finding->how),
		"the time in these calls: CPU that others could have had, not waiting");
	return finding;
}

void find_spin(struct judge *judge)
{
	const struct run *run = judge->fold->run;

	for (size_t p = 0; p < run->processes; p++)
		for (size_t t = 0; t < run->process[p].threads; t++) {
			const struct run_thread *thread = &run->process[p].thread[t];
			struct spin again = {0}, waits = {0};
			struct finding *finding;

			count_again(thread, &again);
			count_empty_waits(thread, &waits);
			if (again.hits > 0) {
				finding = report(judge, "S06", &again);
				snprintf(finding->what, sizeof(finding->what),
					"asks again at once after EAGAIN: %llu times",
					(unsigned long long)again.hits);
				snprintf(finding->no_rule, sizeof(finding->no_rule),
					"no rule mends this: the program should wait with poll or "
					"epoll");
			}
			if (waits.hits >= A_SECOND &&
				(double)waits.hits * 1e9 >
					A_SECOND * (double)(waits.last - waits.first)) {
				finding = report(judge, "E01", &waits);
				snprintf(finding->what, sizeof(finding->what),
					"polls without waiting, and finds nothing: %llu of %llu",
					(unsigned long long)waits.hits,
					(unsigned long long)waits.of);
				snprintf(finding->no_rule, sizeof(finding->no_rule),
					"no rule mends this: the program should give its wait a "
					"longer timeout");
			}
		}
}
