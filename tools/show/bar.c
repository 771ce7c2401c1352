/* Where the time went, as a bar with the letters of its legend. The cells add up to the bar: what
 * is rounded away of one part goes to the part that was cut most. Below it stands where the seconds
 * of the headline are in it, for these need not be those of '#'. */

#include "tools/show/bar.h"

#include <string.h>

#include "tools/base/text.h"
#include "tools/base/units.h"

enum { MARGIN = 16 };

static void share_cells(struct bar_part part[BAR_PARTS], uint64_t wall, int cells)
{
	double rest[BAR_PARTS];
	int used = 0;

	for (int i = 0; i < BAR_PARTS; i++) {
		const double exact = wall ? (double)part[i].ns * cells / (double)wall : 0;
		part[i].cells = (int)exact;
		rest[i] = exact - part[i].cells;
		used += part[i].cells;
	}
	for (; used < cells; used++) {
		int most = 0;
		for (int i = 1; i < BAR_PARTS; i++)
			if (rest[i] > rest[most])
				most = i;
		part[most].cells++;
		rest[most] = -1;
	}
}

/* What shows nothing is left out, but for '#': that it is nothing is an answer. */
static void print_legend(
	FILE *out, const struct bar_part part[BAR_PARTS], uint64_t wall, bool shares)
{
	size_t column = 0;

	for (int i = 0; i < BAR_PARTS; i++) {
		char text[96], seconds[UNITS], share[16] = "";

		if (part[i].ns < BAR_LEAST && !part[i].cells && part[i].letter != '#')
			continue;
		if (shares && units_percent(part[i].ns, wall) >= 0.5)
			snprintf(share, sizeof(share), " (%.0f %%)",
				units_percent(part[i].ns, wall));
		snprintf(text, sizeof(text), "%c %s %s%s", part[i].letter, part[i].name,
			units_seconds(seconds, part[i].ns), share);
		text_piece(out, &column, 3, text);
	}
	fputc('\n', out);
}

/* ---- where the headline's seconds are ---- */

static void print_elsewhere(FILE *out, const struct bar_part *part)
{
	char a[UNITS];

	if (part->loud >= BAR_LEAST && part->letter != '#')
		text_sentences(out, 0, "Of the seconds above, %s are within %c (%s).",
			units_seconds(a, part->loud < part->ns ? part->loud : part->ns),
			part->letter, part->name);
}

/* Of what may be a stall. */
static void print_doubt(FILE *out, uint64_t doubt, uint64_t doubtful)
{
	char a[UNITS], b[UNITS];

	if (doubt > doubtful + BAR_LEAST && doubtful < doubt / 10 * 9)
		text_sentences(out, 0,
			"Of the %s above the bar has %s under ?: during the rest it was at work, "
			"or in calls that were not seen.",
			units_seconds(a, doubt), units_seconds(b, doubtful));
}

/* Less under '#' than above: what is only likely may be the peer's, what is more than that passed
 * while something else went on (fold.h). */
static void print_stalled(FILE *out, const struct report *report)
{
	const struct loud *loud = &report->verdict.loud;
	const uint64_t above = loud->high[IN_STALLED], stalled = report->fold->split.stalled;
	char a[UNITS], b[UNITS];

	if (above <= stalled + BAR_LEAST || stalled >= above / 10 * 9)
		return;
	units_seconds(a, above);
	units_seconds(b, stalled);
	if (loud->low[IN_STALLED] <= stalled)
		text_sentences(out, 0,
			"Of up to %s above the bar has %s under #: the rest may be the peer's.", a,
			b);
	else
		text_sentences(out, 0,
			"Of the %s above the bar has %s under #: during the rest it was at work, "
			"or got other answers.",
			a, b);
}

static void print_place(
	FILE *out, const struct report *report, const struct bar_part part[BAR_PARTS])
{
	if (report->run->processes > 1 && report->verdict.lost > 0) {
		text_sentences(out, 0,
			"The bar is of the run's clock; the seconds above are of %zu processes, "
			"added up.",
			report->run->processes);
		return;
	}
	print_stalled(out, report);
	for (int i = 0; i < BAR_PARTS; i++)
		print_elsewhere(out, &part[i]);
}

/* Of the verdict's doubt. */
static uint64_t doubt_of(const struct report *report)
{
	return report->verdict.word == VERDICT_NOT_SURE ? report->verdict.doubt : 0;
}

void bar_parts(const struct report *report, struct bar_part part[BAR_PARTS])
{
	const struct split *split = &report->fold->split;
	const uint64_t doubt = doubt_of(report);
	const uint64_t doubtful = doubt < split->thinking ? doubt : split->thinking;
	const uint64_t *loud = report->verdict.loud.high;
	const struct bar_part all[BAR_PARTS] = {
		[BAR_PROGRAM] = {'=', "in the program", split->program, loud[IN_PROGRAM], 0},
		[BAR_PEER] = {'>', "peer thinking", split->thinking - doubtful, loud[IN_PEER], 0},
		[BAR_DOUBT] = {'?', "peer or stall", doubtful, 0, 0},
		[BAR_STALLED] = {'#', "stalled", split->stalled, loud[IN_STALLED], 0},
		[BAR_OTHER] = {'.', "connect, DNS, close", split->other, loud[IN_OTHER], 0},
		[BAR_UNSEEN] = {'~', "not recorded", split->unseen, 0, 0},
	};

	memcpy(part, all, sizeof(all));
}

void bar_print_places(FILE *out, const struct report *report, const struct bar_part part[BAR_PARTS])
{
	print_place(out, report, part);
	print_doubt(out, doubt_of(report), part[BAR_DOUBT].ns);
}

void bar_print(FILE *out, const struct report *report)
{
	const uint64_t wall = report->fold->split.wall;
	struct bar_part part[BAR_PARTS];

	if (!wall)
		return;
	bar_parts(report, part);
	share_cells(part, wall, (int)text_width(out) - MARGIN);
	fputs("  |", out);
	for (int i = 0; i < BAR_PARTS; i++)
		for (int cell = 0; cell < part[i].cells; cell++)
			fputc(part[i].letter, out);
	fputs("|\n", out);
	print_legend(out, part, wall, report->verdict.word == VERDICT_NOT_SOCKETS);
	bar_print_places(out, report, part);
	fputc('\n', out);
}
