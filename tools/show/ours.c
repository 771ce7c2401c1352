/* What sockfix itself did in the run, and what that cost, in sentences: they stand right below the
 * verdict, whichever it is. Nothing where no rule was. */
#include <stdarg.h>
#include <string.h>

#include "tools/find/ours.h"
#include "tools/base/plural.h"
#include "tools/show/report.h"
#include "tools/base/units.h"
#include "tools/base/text.h"

enum { LINE = 1200 };

static void __attribute__((format(printf, 2, 3))) add(char line[LINE], const char *format, ...)
{
	const size_t used = strlen(line);
	va_list args;

	va_start(args, format);
	vsnprintf(line + used, LINE - used, format, args);
	va_end(args);
}

/* Between two things that it did. */
static void add_comma(char line[LINE])
{
	add(line, *line ? "; " : "sockfix ");
}

static void add_holds(char line[LINE], const struct ours *ours)
{
	char a[UNITS], b[UNITS];

	if (!ours->held && !ours->late)
		return;
	add_comma(line);
	add(line, "held %s write%s, %s late", units_count(a, ours->held), plural(ours->held),
		units_count(b, ours->late));
	if (ours->late)
		add(line, " (%s lost by it)", units_seconds(a, ours->late_ns));
	if (ours->slow_ns)
		add(line, ", and %s by slow ones", units_seconds(a, ours->slow_ns));
}

static void add_settings(char line[LINE], const struct ours *ours)
{
	uint64_t most = 0;
	char a[UNITS];

	for (int id = 0; id < OPTION_COUNT; id++) {
		if (!ours->set[id])
			continue;
		if (most)
			add(line, ", ");
		else
			add_comma(line);
		add(line, most ? "%s" : "set %s", option_table[id].name);
		if (ours->set[id] > most)
			most = ours->set[id];
	}
	if (most)
		add(line, " on %s connection%s", units_count(a, most), plural(most));
}

static void add_learnt(char line[LINE], const struct ours *ours)
{
	char a[UNITS], b[UNITS];

	if (ours->acks_learnt) {
		add_comma(line);
		add(line, "learnt to send ACKs at once: %s answer%s came sooner, dropped %s time%s",
			units_count(a, ours->acks_won), plural(ours->acks_won),
			units_count(b, ours->acks_dropped), plural(ours->acks_dropped));
	}
	if (ours->nagle_kept) {
		add_comma(line);
		add(line,
			"left Nagle on across waits %s time%s, and %s time%s somebody waited for "
			"it",
			units_count(a, ours->nagle_kept), plural(ours->nagle_kept),
			units_count(b, ours->nagle_waited), plural(ours->nagle_waited));
	}
}

static void print_left_alone(FILE *out, enum trace_given_up why, uint64_t connections)
{
	const char *reason = given_up_reason(why);
	const bool program = strncmp(reason, "it ", 3) == 0;
	char line[LINE], a[UNITS];

	snprintf(line, sizeof(line), "%s connection%s left alone: %s%s.",
		units_count(a, connections), connections == 1 ? " was" : "s were",
		program ? "the program " : "", program ? reason + 3 : reason);
	text_wrap(out, 2, line);
}

void ours_print(FILE *out, const struct report *report)
{
	const struct ours ours = ours_of(report->fold, OURS_OF_ALL);
	char line[LINE] = "";

	add_holds(line, &ours);
	add_settings(line, &ours);
	add_learnt(line, &ours);
	if (*line) {
		add(line, ".");
		text_wrap(out, 2, line);
	}
	for (unsigned why = GIVEN_UP_NOT + 1; why < GIVEN_UP_COUNT; why++)
		if (ours.given_up[why])
			print_left_alone(out, why, ours.given_up[why]);
}
