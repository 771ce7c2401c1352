/* When it was: the run from left to right, a row for each thing that its time went to, and the
 * stretches in which most was lost. Readable without colours and beyond ASCII nothing. */
#include "tools/show/timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/plural.h"
#include "tools/find/timeline.h"
#include "tools/base/text.h"
#include "tools/base/units.h"

/* Columns of the screen; before the slices, and behind them. */
enum { LEFT = 18, RIGHT = 11, LABEL_MOST = 9 };
/* Lines of stretches, and with --all. A screen that is narrower has no clock in them. */
enum { LINES = 5, LINES_ALL = 40, WITH_CLOCK = 72 };

static const char *const kind_name[SLICE_KINDS] = {
	[SLICE_STALLED] = "stalled",
	[SLICE_PEER] = "peer thinking",
	[SLICE_OTHER] = "connect, names",
	[SLICE_PROGRAM] = "program",
	[SLICE_UNSEEN] = "not recorded",
};

/* How much of the slice it had. One that has nothing of it may still have had, where some process
 * was not recorded to its end. */
static char mark_of(const struct slice *slice, enum slice_kind kind, uint64_t length)
{
	const uint64_t ns = slice->ns[kind];

	if (!ns || kind == SLICE_UNSEEN)
		return slice->full ? '?' : ' ';
	return ns * 4 >= length * 3 ? '#' : ns * 2 >= length ? '+' : ns * 4 >= length ? ':' : '.';
}

static void print_kind(FILE *out, const struct timeline *timeline, enum slice_kind kind)
{
	char seconds[UNITS];

	fprintf(out, "  %-*s|", LEFT - 3, kind_name[kind]);
	for (size_t i = 0; i < timeline->slices; i++)
		fputc(mark_of(&timeline->slice[i], kind,
			      timeline_at(timeline, i + 1) - timeline_at(timeline, i)),
			out);
	fprintf(out, "| %s\n", units_seconds(seconds, timeline->all.ns[kind]));
}

/* 1, 2 or 5 of a power of ten: the least that leaves each label its room, ns. */
static uint64_t step_of(const struct timeline *timeline)
{
	const uint64_t most = timeline->slices / LABEL_MOST;
	uint64_t step = 1000;

	for (int i = 0; timeline->wall / step > most; i++)
		step = i % 3 == 1 ? step / 2 * 5 : step * 2;
	return step;
}

/* Seconds since the beginning, below the slices in which they are. */
static void print_scale(FILE *out, const struct timeline *timeline)
{
	const uint64_t step = step_of(timeline);
	const int digits = step >= 1000000000 ? 0 : (int)ceil(9 - log10((double)step));
	size_t column = 0;

	fprintf(out, "%*s", LEFT, "");
	for (uint64_t at = 0, n = 0; at < timeline->wall; at = step * ++n) {
		size_t slice = column;
		char label[UNITS];

		while (slice + 1 < timeline->slices && timeline_at(timeline, slice + 1) <= at)
			slice++;
		snprintf(label, sizeof(label), "|%.*f s", at ? digits : 0, (double)at / 1e9);
		if (slice + strlen(label) > timeline->slices)
			break;
		fprintf(out, "%*s%s", (int)(slice - column), "", label);
		column = slice + strlen(label);
	}
	fputc('\n', out);
}

static void print_clocks(FILE *out, const struct report *report, const struct timeline *timeline)
{
	const uint64_t started = report->run->started_wall;
	char began[CLOCK_TEXT], ended[CLOCK_TEXT];

	clock_text(started, began);
	clock_text(started ? started + timeline->wall : 0, ended);
	fprintf(out, "%*s%s%*s\n", LEFT, "", began, (int)(timeline->slices - strlen(began)), ended);
}

static void print_legend(FILE *out, const struct report *report, const struct timeline *timeline)
{
	const uint64_t stalled = report->fold->split.stalled;
	char text[256], each[UNITS], a[UNITS], b[UNITS];

	snprintf(text, sizeof(text),
		"Each column is %s: # three quarters of that, + half, : a quarter, . less%s.",
		units_time(each, timeline->wall / timeline->slices),
		timeline->all.full ? ", ? not known, for the recording was full" : "");
	text_wrap(out, 2, text);
	if (stalled <= timeline->all.ns[SLICE_STALLED] + stalled / 100)
		return;
	snprintf(text, sizeof(text),
		"Of %s that are stalled %s are not in the picture: other threads were at work, or "
		"only their sum is known.",
		units_seconds(a, stalled),
		units_seconds(b, stalled - timeline->all.ns[SLICE_STALLED]));
	text_wrap(out, 2, text);
}

static void print_lost(FILE *out, const struct report *report, const struct lost *lost,
	bool with_clock, size_t width)
{
	const struct fold *fold = report->fold;
	const struct run *run = report->run;
	const uint64_t from = lost->begin - run->began, to = lost->end - run->began;
	char clock[CLOCK_TEXT], seconds[UNITS], times[UNITS];
	const size_t used = with_clock ? 55 : 45;
	const char *peer =
		lost->endpoint < fold->endpoints ? fold->endpoint[lost->endpoint].text : "-";

	fprintf(out, "  %9.3f %9.3f", (double)from / 1e9, (double)to / 1e9);
	if (with_clock)
		fprintf(out, "  %s",
			clock_text(run->started_wall ? run->started_wall + from : 0, clock));
	/* a long one has its own line */
	fprintf(out, " %8s %6s  %s", units_seconds(seconds, lost->ns),
		units_count(times, lost->times), lost->code->name);
	if (strlen(peer) > width - used)
		fprintf(out, "\n    %s\n", peer);
	else
		fprintf(out, "%*s%s\n", 6 - (int)strlen(lost->code->name), "", peer);
}

void timeline_print_stretches(FILE *out, const struct report *report)
{
	const size_t width = text_width(out);
	const bool with_clock = width >= WITH_CLOCK;
	const size_t most = report->all ? LINES_ALL : LINES;
	size_t count;
	struct lost *lost = timeline_lost(report->fold, report->findings, &count);

	if (count)
		fprintf(out, "\n  %9s %9s%s %8s %6s  CODE  PEER\n", "FROM s", "TO s",
			with_clock ? "  CLOCK   " : "", "LOST", "TIMES");
	for (size_t i = 0; i < count && i < most; i++)
		print_lost(out, report, &lost[i], with_clock, width);
	if (count > most)
		fprintf(out, "    + %zu more stretch%s%s\n", count - most,
			count - most == 1 ? "" : "es", report->all ? "" : ": --all");
	free(lost);
}

void timeline_print(FILE *out, const struct report *report)
{
	struct timeline timeline;

	timeline_take(&timeline, report->fold, report->findings, text_width(out) - LEFT - RIGHT);
	for (int kind = 0; kind < SLICE_KINDS; kind++)
		if (kind != SLICE_UNSEEN || timeline.all.full)
			print_kind(out, &timeline, (enum slice_kind)kind);
	print_scale(out, &timeline);
	print_clocks(out, report, &timeline);
	print_legend(out, report, &timeline);
	timeline_print_stretches(out, report);
	timeline_free(&timeline);
}
