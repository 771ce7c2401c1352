/* The findings as a table: seconds, their share of the run, how sure, where, what, and who can mend
 * it. What does not fit goes on in the next line of its column; a peer that is too long for its own
 * stands above. */
#include "tools/show/table.h"

#include <string.h>

#include "tools/base/text.h"
#include "tools/base/units.h"

/* Of columns: a peer's, the least for WHAT, and the rest. */
enum {
	PEER_LEAST = 15,
	PEER_USUAL = 21,
	WHAT_LEAST = 16,
	SURE = 8,
	CODE = 4,
	FIX = 6,
	GAP = 2,
	CELL = 400
};

/* peer: 0 where every peer stands in a line of its own. */
struct columns {
	int lost, share, peer, what, before; /* before: PEER, or WHAT where that is not there */
};

void table_lost(char text[TABLE_CELL], const struct finding *finding)
{
	char low[UNITS], high[UNITS];

	if (!finding->lost_high)
		strcpy(text, "-");
	else if (finding->sure == SURE_PROVEN || finding->lost_low == finding->lost_high)
		units_seconds(text, finding->lost_high);
	else
		snprintf(text, TABLE_CELL, "%s-%s",
			finding->lost_low ? units_bare_seconds(low, finding->lost_low) : "0",
			units_seconds(high, finding->lost_high));
}

void table_share(char text[TABLE_CELL], const struct finding *finding, uint64_t whole)
{
	const double low = units_percent(finding->lost_low, whole);
	const double high = units_percent(finding->lost_high, whole);

	if (!finding->lost_high)
		strcpy(text, "-");
	else if (finding->sure == SURE_PROVEN || finding->lost_low == finding->lost_high)
		snprintf(text, TABLE_CELL, "%.1f", high);
	else
		snprintf(text, TABLE_CELL, "%.0f-%.0f", low, high);
}

bool table_shows(const struct report *report, const struct finding *finding)
{
	return !finding_is_place(finding) && (report->all || !finding->minor);
}

static int larger(int width, const char *text)
{
	const int length = (int)strlen(text);

	return length > width ? length : width;
}

/* What a peer may take of a line so that WHAT has its part; a longer one has its own line. */
static int peer_most(int width, int before)
{
	const int room = width - before - GAP - WHAT_LEAST - GAP - FIX;
	const int most = width / 4 > PEER_USUAL ? width / 4 : PEER_USUAL;

	return room < PEER_LEAST ? 0 : room < most ? room : most;
}

/* The widest peer that has a column, and the widest WHAT. */
static void measure_texts(const struct report *report, struct columns *columns, int most)
{
	for (size_t i = 0; i < report->findings->count; i++) {
		const struct finding *finding = &report->findings->finding[i];
		const char *peer = finding_peer(report, finding);
		if (!table_shows(report, finding))
			continue;
		if ((int)strlen(peer) <= most)
			columns->peer = larger(columns->peer, peer);
		columns->what = larger(columns->what, finding->what);
	}
}

static const char *what_head(const struct columns *columns)
{
	return columns->peer ? "WHAT" : "PEER, WHAT";
}

static struct columns measure(const struct report *report, int width)
{
	struct columns columns = {.lost = 7, .share = 5};
	char text[TABLE_CELL];

	for (size_t i = 0; i < report->findings->count; i++) {
		const struct finding *finding = &report->findings->finding[i];
		if (!table_shows(report, finding))
			continue;
		table_lost(text, finding);
		columns.lost = larger(columns.lost, text);
		table_share(text, finding, report->verdict.whole);
		columns.share = larger(columns.share, text);
	}
	columns.before = GAP + columns.lost + GAP + columns.share + GAP + SURE + 1 + CODE + GAP;
	measure_texts(report, &columns, peer_most(width, columns.before));
	if (columns.peer && columns.peer < 4)
		columns.peer = 4;
	columns.what = larger(columns.what, what_head(&columns));
	const int room =
		width - columns.before - (columns.peer ? columns.peer + GAP : 0) - GAP - FIX;
	/* Of figures that are wider than any run's the lines become longer, not more. */
	if (columns.what > room)
		columns.what = room > WHAT_LEAST / 2 ? room : WHAT_LEAST / 2;
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

/* A peer for which there is no room in its column: the rest of the line, or the end of the next. */
static void print_long_peer(FILE *out, const char *peer, int before, int width)
{
	const int length = (int)strlen(peer);
	const int indent = before + length <= width ? 0 : width - length;

	if (before + length > width)
		fputc('\n', out);
	fprintf(out, "%*s%s\n", indent > 2 ? indent : 0, "", peer);
}

/* The figures, up to PEER; of what goes on in the next line, blanks. */
static void print_figures(FILE *out, const struct report *report, const struct finding *finding,
	const struct columns *columns)
{
	char lost[TABLE_CELL], share[TABLE_CELL];

	table_lost(lost, finding);
	table_share(share, finding, report->verdict.whole);
	fprintf(out, "  %*s  %*s  %-8s %s", columns->lost, lost, columns->share, share,
		sure_name(finding->sure), finding->code->name);
}

/* WHAT, a piece in each line, and FIX in the first of them; `used`: columns of that line. */
static void print_texts(
	FILE *out, const struct finding *finding, const struct columns *columns, int used)
{
	const int at = columns->before + (columns->peer ? columns->peer + GAP : 0);
	const char *what = finding->what;
	bool first = true;

	while (first || *what) {
		int skip;
		const int length = fitting(what, columns->what, &skip);

		fprintf(out, "%*s%.*s", at - used, "", length, what);
		if (first)
			fprintf(out, "%*s%s", columns->what - length + GAP, "",
				fix_name(finding->fix));
		fputc('\n', out);
		what += length + skip;
		used = 0;
		first = false;
	}
}

static void print_row(FILE *out, const struct report *report, const struct finding *finding,
	const struct columns *columns)
{
	const char *peer = finding_peer(report, finding);
	const int ended = columns->before - GAP - (CODE - (int)strlen(finding->code->name));

	print_figures(out, report, finding, columns);
	if ((int)strlen(peer) <= columns->peer) {
		fprintf(out, "%*s%s", columns->before - ended, "", peer);
		print_texts(out, finding, columns, columns->before + (int)strlen(peer));
	} else if (finding->endpoint >= report->fold->endpoints) {
		print_texts(out, finding, columns, ended);
	} else {
		const int width = (int)text_width(out);

		if (columns->before + (int)strlen(peer) <= width)
			fprintf(out, "%*s", columns->before - ended, "");
		print_long_peer(out, peer, columns->before, width);
		print_texts(out, finding, columns, 0);
	}
}

static void print_head(FILE *out, const struct columns *columns)
{
	fprintf(out, "  %*s  %*s  %-8s %-4s  ", columns->lost, "LOST", columns->share, "%RUN",
		"SURE", "CODE");
	if (columns->peer)
		fprintf(out, "%-*s  ", columns->peer, "PEER");
	fprintf(out, "%-*s  FIX\n", columns->what, what_head(columns));
}

static void print_minor(FILE *out, const struct report *report)
{
	size_t minor = 0;
	char names[CELL] = "", text[CELL + 64];

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
	if (!minor || report->all)
		return;
	snprintf(text, sizeof(text), "+ %zu minor (%s): --all", minor, names);
	text_wrap(out, 4, text);
}

void table_print_notes(FILE *out, const struct report *report, size_t shown)
{
	char text[UNITS];

	print_minor(out, report);
	if (shown && report->run->processes > 1)
		text_sentences(out, 0, "%%RUN is of %s, the %zu processes together.",
			units_seconds(text, report->verdict.whole), report->run->processes);
}

void table_print(FILE *out, const struct report *report)
{
	const struct columns columns = measure(report, (int)text_width(out));
	size_t shown = 0;

	for (size_t i = 0; i < report->findings->count; i++) {
		const struct finding *finding = &report->findings->finding[i];
		if (!table_shows(report, finding))
			continue;
		if (shown++ == 0)
			print_head(out, &columns);
		print_row(out, report, finding, &columns);
	}
	table_print_notes(out, report, shown);
}
