/* The findings as a table of 80 columns: seconds, their share of the run, how sure, where, what,
 * and who can mend it. Long cells go on in the next line of their column. */
#include <string.h>

#include "tools/show/report.h"
#include "tools/show/units.h"

enum { WIDTH = 80, PEER_MOST = 20, WHAT_LEAST = 8, FIX = 6, CELL = 400 };

struct columns {
	int lost, share, peer, what;
};

/* A number where it was measured, a range where it was not. */
static void lost_text(char text[2 * UNITS], const struct finding *finding)
{
	char low[UNITS], high[UNITS];

	if (!finding->lost_high)
		strcpy(text, "-");
	else if (finding->sure == SURE_PROVEN || finding->lost_low == finding->lost_high)
		units_seconds(text, finding->lost_high);
	else
		snprintf(text, (size_t)2 * UNITS, "%s-%s",
			finding->lost_low ? units_bare_seconds(low, finding->lost_low) : "0",
			units_seconds(high, finding->lost_high));
}

static void share_text(char text[2 * UNITS], const struct finding *finding, uint64_t whole)
{
	const double low = units_percent(finding->lost_low, whole);
	const double high = units_percent(finding->lost_high, whole);

	if (!finding->lost_high)
		strcpy(text, "-");
	else if (finding->sure == SURE_PROVEN || finding->lost_low == finding->lost_high)
		snprintf(text, (size_t)2 * UNITS, "%.1f", high);
	else
		snprintf(text, (size_t)2 * UNITS, "%.0f-%.0f", low, high);
}

/* In the table at all; places have a part of the screen to themselves. */
static bool is_shown(const struct report *report, const struct finding *finding)
{
	return !finding_is_place(finding) && (report->all || !finding->minor);
}

static int larger(int width, const char *text)
{
	const int length = (int)strlen(text);

	return length > width ? length : width;
}

static struct columns measure(const struct report *report)
{
	struct columns columns = {7, 5, 4, 0};
	char text[2 * UNITS];

	for (size_t i = 0; i < report->findings->count; i++) {
		const struct finding *finding = &report->findings->finding[i];
		if (!is_shown(report, finding))
			continue;
		lost_text(text, finding);
		columns.lost = larger(columns.lost, text);
		share_text(text, finding, report_whole(report));
		columns.share = larger(columns.share, text);
		columns.peer = larger(columns.peer, finding_peer(report, finding));
	}
	if (columns.peer > PEER_MOST)
		columns.peer = PEER_MOST;
	/* two spaces before LOST, %RUN, SURE, CODE (of 8 and 4), PEER, WHAT and FIX */
	columns.what = WIDTH - FIX - 2 -
		       (2 + columns.lost + 2 + columns.share + 2 + 8 + 1 + 4 + 2) - columns.peer -
		       2;
	/* Of figures that are wider than any run's the lines become longer, not more. */
	if (columns.what < WHAT_LEAST)
		columns.what = WHAT_LEAST;
	return columns;
}

/* Bytes of text that fit into width columns, at least one, cut between words where that can be;
 * *skip: and the space after them. */
static int fitting(const char *text, int width, int *skip)
{
	int length = (int)strlen(text), cut = width;

	*skip = 0;
	if (length <= width)
		return length;
	while (cut > 0 && text[cut] != ' ')
		cut--;
	if (cut <= 0)
		return width < 1 ? 1 : width;
	*skip = 1;
	return cut;
}

static void print_row(FILE *out, const struct report *report, const struct finding *finding,
	const struct columns *columns)
{
	const char *peer = finding_peer(report, finding), *what = finding->what;
	char lost[2 * UNITS], share[2 * UNITS];
	bool first = true;

	lost_text(lost, finding);
	share_text(share, finding, report_whole(report));
	while (first || *peer || *what) {
		int skip_peer, skip_what;
		const int peer_length = fitting(peer, columns->peer, &skip_peer);
		const int what_length = fitting(what, columns->what, &skip_what);

		fprintf(out, "  %*s  %*s  %-8s %-4s  %-*.*s  %-*.*s", columns->lost,
			first ? lost : "", columns->share, first ? share : "",
			first ? sure_name(finding->sure) : "", first ? finding->code->name : "",
			columns->peer, peer_length, peer, first ? columns->what : what_length,
			what_length, what);
		fprintf(out, first ? "  %s\n" : "\n", fix_name(finding->fix));
		peer += peer_length + skip_peer;
		what += what_length + skip_what;
		first = false;
	}
}

static void print_minor(FILE *out, const struct report *report)
{
	size_t minor = 0;
	char names[CELL] = "";

	for (size_t i = 0; i < report->findings->count; i++) {
		const struct finding *finding = &report->findings->finding[i];
		const size_t used = strlen(names);
		if (!finding->minor || finding_is_place(finding))
			continue;
		if (strstr(names, finding->code->name) == NULL)
			snprintf(names + used, sizeof(names) - used, "%s%s", minor ? " " : "",
				finding->code->name);
		minor++;
	}
	if (minor && !report->all)
		fprintf(out, "    + %zu minor (%s): --all\n", minor, names);
}

void table_print(FILE *out, const struct report *report)
{
	const struct columns columns = measure(report);
	char text[UNITS];
	size_t shown = 0;

	for (size_t i = 0; i < report->findings->count; i++) {
		const struct finding *finding = &report->findings->finding[i];
		if (!is_shown(report, finding))
			continue;
		if (shown++ == 0)
			fprintf(out, "  %*s  %*s  %-8s %-4s  %-*s  %-*s  FIX\n", columns.lost,
				"LOST", columns.share, "%RUN", "SURE", "CODE", columns.peer, "PEER",
				columns.what, "WHAT");
		print_row(out, report, finding, &columns);
	}
	print_minor(out, report);
	if (shown && report->run->processes > 1)
		fprintf(out, "  %%RUN is of %s, the %zu processes together.\n",
			units_seconds(text, report_whole(report)), report->run->processes);
}
