/* Where the time went, as a bar with the letters of its legend. The cells add up to the bar: what
 * is rounded away of one part goes to the part that was cut most. */
#include <string.h>

#include "tools/show/report.h"
#include "tools/show/units.h"

enum { CELLS = 64, PARTS = 6 };

struct part {
	char letter;
	const char *name;
	uint64_t ns;
	int cells;
};

static void share_cells(struct part part[PARTS], uint64_t wall)
{
	double rest[PARTS];
	int used = 0;

	for (int i = 0; i < PARTS; i++) {
		const double exact = wall ? (double)part[i].ns * CELLS / (double)wall : 0;
		part[i].cells = (int)exact;
		rest[i] = exact - part[i].cells;
		used += part[i].cells;
	}
	for (; used < CELLS; used++) {
		int most = 0;
		for (int i = 1; i < PARTS; i++)
			if (rest[i] > rest[most])
				most = i;
		part[most].cells++;
		rest[most] = -1;
	}
}

static void print_legend(FILE *out, const struct part part[PARTS], uint64_t wall, bool shares)
{
	int column = 0;

	for (int i = 0; i < PARTS; i++) {
		char text[96], seconds[UNITS], share[16] = "";

		if (!part[i].ns && part[i].letter != '=' && part[i].letter != '>' &&
			part[i].letter != '#')
			continue;
		if (shares && units_percent(part[i].ns, wall) >= 0.5)
			snprintf(share, sizeof(share), " (%.0f %%)",
				units_percent(part[i].ns, wall));
		const int length = snprintf(text, sizeof(text), "   %c %s %s%s", part[i].letter,
			part[i].name, units_seconds(seconds, part[i].ns), share);
		if (column + length > 78) {
			fputc('\n', out);
			column = 0;
		}
		column += length;
		fputs(text, out);
	}
	fputs("\n\n", out);
}

void bar_print(FILE *out, const struct report *report)
{
	const struct split *split = &report->fold->split;
	const enum verdict_word verdict = report_verdict(report);
	const uint64_t doubt = verdict == VERDICT_NOT_SURE ? report_possible(report) : 0;
	const uint64_t doubtful = doubt < split->thinking ? doubt : split->thinking;
	struct part part[PARTS] = {
		{'=', "in the program", split->program, 0},
		{'>', "peer thinking", split->thinking - doubtful, 0},
		{'?', "peer or stall", doubtful, 0},
		{'#', "stalled", split->stalled, 0},
		{'.', "connect, DNS, close", split->other, 0},
		{'~', "not recorded", split->unseen, 0},
	};

	if (!split->wall)
		return;
	share_cells(part, split->wall);
	fputs("  |", out);
	for (int i = 0; i < PARTS; i++)
		for (int cell = 0; cell < part[i].cells; cell++)
			fputc(part[i].letter, out);
	fputs("|\n", out);
	print_legend(out, part, split->wall, verdict == VERDICT_NOT_SOCKETS);
}
