/* One turn of a finding, call by call: when each began, when one that took long returned, and what
 * the kernel or sockfix did with it. */
#include <string.h>

#include "tools/show/report.h"
#include "tools/show/text.h"
#include "tools/show/units.h"

enum { STEPS = 12, NOTES = 42 };

/* ns: of less it is not said how long a call took. */
#define LONG UINT64_C(1000000)

static uint64_t since(uint64_t zero, uint64_t time)
{
	return time > zero ? time - zero : 0;
}

/* Behind a call, or in a line below it where that one is full. */
static void print_note(FILE *out, size_t *column, const char *note)
{
	const size_t length = strlen(note), width = text_width(out);
	const size_t indent = NOTES + length > width && width > length ? width - length : NOTES;

	if (*column + 3 + length > width) {
		fprintf(out, "\n%*s%s", (int)indent, "", note);
		*column = indent + length;
	} else {
		fprintf(out, "   %s", note);
		*column += 3 + length;
	}
}

static void note_end(FILE *out, size_t *column, uint64_t begin, uint64_t end, uint64_t zero)
{
	char note[64], at[UNITS];

	if (since(begin, end) < LONG)
		return;
	snprintf(note, sizeof(note), "until %s ms", units_ms(at, since(zero, end)));
	print_note(out, column, note);
}

static const struct {
	uint8_t flag; /* enum trace_flag */
	const char *text;
} kept_table[] = {
	{EVENT_PROVEN, "HELD by the kernel"},
	{EVENT_HELD, "joined to the next by sockfix"},
	{EVENT_MORE, "kept by its own MSG_MORE"},
	{EVENT_CORK, "kept by its own TCP_CORK"},
};

static void print_step(FILE *out, const struct turn *turn, const struct step *step, uint64_t zero)
{
	char at[UNITS];
	size_t column = (size_t)fprintf(out, "    %10s ms  %-9s %8u B",
		units_ms(at, since(zero, step->begin)), call_name(step->call), step->done);

	note_end(out, &column, step->begin, step->end, zero);
	if (!step->writes && step->end == turn->answered && turn->wait >= LONG)
		print_note(out, &column, "<-- the answer");
	if (step->error)
		print_note(out, &column,
			strerrorname_np(step->error) ? strerrorname_np(step->error) : "?");
	for (size_t i = 0; i < sizeof(kept_table) / sizeof(*kept_table); i++)
		if (step->flags & kept_table[i].flag)
			print_note(out, &column, kept_table[i].text);
	fputc('\n', out);
}

/* The poll, select or epoll_wait in which the thread of that step waited for it, after `from`;
 * NULL: it waited in none, or not for long. */
static const struct trace_event *wait_before(
	const struct flow_fold *flow, const struct step *step, uint64_t from)
{
	const struct trace_event *found = NULL;

	for (size_t t = 0; t < flow->process->threads; t++) {
		const struct run_thread *thread = &flow->process->thread[t];
		for (size_t e = 0; thread->tid == step->tid && e < thread->events; e++) {
			const struct trace_event *event = &thread->event[e];
			if (event->start >= step->begin)
				break;
			if (event->start >= from && event_duration(event) >= LONG &&
				call_class(event->call) == CLASS_WAIT)
				found = event;
		}
	}
	return found;
}

static void print_wait(FILE *out, const struct trace_event *wait, uint64_t zero)
{
	char at[UNITS];
	size_t column = (size_t)fprintf(out, "    %10s ms  %-9s %10s",
		units_ms(at, since(zero, wait->start)), call_name(wait->call), "");

	note_end(out, &column, wait->start, event_end(wait), zero);
	fputc('\n', out);
}

static void print_steps(FILE *out, const struct flow_fold *flow, const struct turn *turn)
{
	const uint64_t zero = flow->step[turn->first].begin;
	uint64_t before = zero;
	char at[UNITS];

	for (size_t s = 0; s < turn->steps && s < STEPS; s++) {
		const struct step *step = &flow->step[turn->first + s];
		const struct trace_event *wait =
			step->writes ? NULL : wait_before(flow, step, before);
		if (wait)
			print_wait(out, wait, zero);
		print_step(out, turn, step, zero);
		before = step->begin;
	}
	if (turn->steps > STEPS)
		fprintf(out, "    ... and %zu more\n", turn->steps - STEPS);
	if (flow->serves && turn->answered)
		fprintf(out, "    %10s ms  the client's next word\n",
			units_ms(at, since(zero, turn->answered)));
}

void excerpt_print(FILE *out, const struct report *report, const struct finding *finding)
{
	const struct turn *turn = finding->turn;
	const struct flow_fold *flow = finding->flow;
	char at[UNITS];

	fputc('\n', out);
	text_sentences(out, 0, "one such turn, %s into the run, connection %u of process %d:",
		units_seconds(at, since(report->fold->run->began, flow->step[turn->first].begin)),
		flow->connection->number, flow->process->header.pid);
	print_steps(out, flow, turn);
	fputc('\n', out);
}
