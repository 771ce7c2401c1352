/* One turn of a finding, call by call: when each began, when one that took long returned, and what
 * the kernel or sockfix did with it. */
#include <string.h>

#include "tools/show/report.h"
#include "tools/base/error_name.h"
#include "tools/base/text.h"
#include "tools/base/units.h"

enum { STEPS = 12, NOTES = 42 };

/* ns: of less it is not said how long a call took. */
#define LONG UINT64_C(1000000)

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
		print_note(out, &column, error_name(step->error));
	/* of a capture */
	if (!step->writes && step->flags & EVENT_PROVEN)
		print_note(out, &column, "let go by the ACK for what came before");
	for (size_t i = step->writes ? 0 : 1; i < sizeof(kept_table) / sizeof(*kept_table); i++)
		if (step->flags & kept_table[i].flag)
			print_note(out, &column, kept_table[i].text);
	fputc('\n', out);
}

static void print_wait(FILE *out, const struct trace_event *wait, uint64_t zero)
{
	char at[UNITS];
	size_t column = (size_t)fprintf(out, "    %10s ms  %-9s %10s",
		units_ms(at, since(zero, wait->start)), call_name(wait->call), "");

	note_end(out, &column, wait->start, event_end(wait), zero);
	fputc('\n', out);
}

static void print_steps(FILE *out, const struct flow_fold *flow, const struct turn *turn,
	const struct step *step, size_t steps)
{
	const uint64_t zero = step->begin;
	struct trace_event wait[STEPS];
	char at[UNITS];

	waits_list(flow->process, step, steps, LONG, wait);
	for (size_t s = 0; s < steps; s++) {
		if (wait[s].call)
			print_wait(out, &wait[s], zero);
		print_step(out, turn, &step[s], zero);
	}
	if (turn->steps > STEPS)
		fprintf(out, "    ... and %u more\n", turn->steps - STEPS);
	if (flow->serves && turn->answered)
		fprintf(out, "    %10s ms  the client's next word\n",
			units_ms(at, since(zero, turn->answered)));
}

void excerpt_print(FILE *out, const struct report *report, const struct finding *finding)
{
	const struct turn *turn = &finding->turn;
	const struct flow_fold *flow = finding->flow;
	struct step step[STEPS];
	const size_t most = turn->steps < STEPS ? turn->steps : STEPS;
	const size_t steps = steps_list(flow, turn->first, step, most);
	char at[UNITS];

	/* What is in the file may have changed since. */
	if (!steps)
		return;
	fputc('\n', out);
	text_sentences(out, 0, "one such turn, %s into the run, connection %u of process %d:",
		units_seconds(at, since(report->fold->run->began, step->begin)),
		flow->connection->number, flow->process->header.pid);
	print_steps(out, flow, turn, step, steps);
	fputc('\n', out);
}
