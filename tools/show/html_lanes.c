/* When it was: the run as a stack of what each slice of it went to, and under it a lane for each
 * thread and connection, the most stalled ones. However long a recording is, the page has at most
 * LANES of either, of SLICES each. */
#include "tools/show/html.h"

#include <stdlib.h>

#include "tools/base/units.h"
#include "tools/find/lanes.h"
#include "tools/show/connections.h"
#include "tools/show/timeline.h"

enum { LANES = 12, SLICES = 200, MARKS = 4 };

/* From the ground up; of a connection, `here`: the program may be at work, or at another one. */
static const struct {
	enum slice_kind kind;
	enum bar look;
	const char *name, *here;
} layer_table[] = {
	{SLICE_STALLED, BAR_STALLED, "stalled", "stalled"},
	{SLICE_PEER, BAR_PEER, "peer thinking", "peer thinking"},
	{SLICE_OTHER, BAR_OTHER, "connect, DNS, close", "connect, close"},
	{SLICE_PROGRAM, BAR_PROGRAM, "in the program", "not waited for"},
	{SLICE_UNSEEN, BAR_UNSEEN, "not recorded", "not recorded"},
};
enum { LAYERS = sizeof(layer_table) / sizeof(*layer_table) };

/* ---- one picture ---- */

/* How high the layers below that one are, 0 to 1. */
static double height_below(const struct timeline *timeline, size_t slice, size_t layer)
{
	const uint64_t length = timeline_at(timeline, slice + 1) - timeline_at(timeline, slice);
	uint64_t ns = 0;

	for (size_t i = 0; i < layer; i++)
		ns += timeline->slice[slice].ns[layer_table[i].kind];
	return length ? (double)ns / (double)length : 0;
}

/* Steps along the top of what is below `layer`, to the right or back to the left; what goes on at
 * one height is one. */
static void print_edge(FILE *out, const struct timeline *timeline, size_t layer, bool back)
{
	const size_t slices = timeline->slices;
	double before = -1;

	for (size_t n = 0; n < slices; n++) {
		const size_t i = back ? slices - 1 - n : n;
		const double height = height_below(timeline, i, layer);
		const double x = (double)(back ? i + 1 : i) / (double)slices;

		if (n && (int)(height * 1000) == (int)(before * 1000))
			continue;
		if (n)
			fprintf(out, "H%.4g", x);
		else
			fprintf(out, "%c%.4g %.4g", back ? 'L' : 'M', x, 1 - height);
		if (n)
			fprintf(out, "V%.3g", 1 - height);
		before = height;
	}
	fprintf(out, "H%d", back ? 0 : 1);
}

static void print_layer(FILE *out, const struct timeline *timeline, size_t layer, unsigned id)
{
	if (!timeline->all.ns[layer_table[layer].kind])
		return;
	fprintf(out, "<clipPath id=\"c%u-%zu\" clipPathUnits=\"objectBoundingBox\"><path d=\"", id,
		layer);
	print_edge(out, timeline, layer + 1, false);
	print_edge(out, timeline, layer, true);
	fprintf(out,
		"Z\"/></clipPath><rect width=\"100%%\" height=\"100%%\" fill=\"url(#h-%s)\" "
		"clip-path=\"url(#c%u-%zu)\"/>\n",
		html_hatch(layer_table[layer].look), id, layer);
}

static void print_figures(FILE *out, const struct timeline *timeline, bool here)
{
	const char *comma = "";
	char seconds[UNITS];

	for (size_t i = 0; i < LAYERS; i++) {
		const uint64_t ns = timeline->all.ns[layer_table[i].kind];

		if (ns < BAR_LEAST && layer_table[i].kind != SLICE_STALLED)
			continue;
		fprintf(out, "%s%s %s", comma, here ? layer_table[i].here : layer_table[i].name,
			units_seconds(seconds, ns));
		comma = ", ";
	}
}

/* Stacked shares of each slice, in percent of whatever width there is. id: a number that no other
 * picture of the page has. */
static void print_stack(
	FILE *out, const struct timeline *timeline, unsigned id, const char *label, bool here)
{
	fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"stack\" width=\"100%\" "
	      "role=\"img\"><title>",
		out);
	html_text(out, label);
	fputs("</title><desc>", out);
	print_figures(out, timeline, here);
	fputs("</desc>\n", out);
	for (size_t layer = 0; layer < LAYERS; layer++)
		print_layer(out, timeline, layer, id);
	fputs("</svg>\n", out);
}

/* ---- the page's part ---- */

static void print_axis(FILE *out, const struct report *report, uint64_t wall)
{
	const uint64_t started = report->run->started_wall;
	char text[UNITS], clock[CLOCK_TEXT];

	fputs("<div class=\"axis\" aria-hidden=\"true\">", out);
	for (uint64_t i = 0; i <= MARKS; i++) {
		fprintf(out, "<span>%s", i ? units_seconds(text, wall / MARKS * i) : "0 s");
		if (started && (i == 0 || i == MARKS))
			fprintf(out, "<br/>%s", clock_text(started + (i ? wall : 0), clock));
		fputs("</span>", out);
	}
	fputs("</div>\n", out);
}

static void print_run(FILE *out, const struct report *report)
{
	struct timeline timeline;

	timeline_take(&timeline, report->fold, report->findings, SLICES);
	fputs("<figure class=\"run\">\n", out);
	print_stack(out, &timeline, 0, "The whole run, slice by slice", false);
	print_axis(out, report, timeline.wall);
	fputs("<figcaption>the whole run: ", out);
	print_figures(out, &timeline, false);
	fputs("</figcaption>\n</figure>\n", out);
	timeline_free(&timeline);
}

static void print_lane(FILE *out, const struct fold *fold, const struct lane *lane, unsigned id)
{
	char name[CONNECTION_TEXT];

	if (lane->flow)
		connection_text(name, fold, lane->flow);
	else
		snprintf(name, sizeof(name), "thread %u of process %d", lane->tid,
			lane->process->header.pid);
	fputs("<figure class=\"lane\">\n<figcaption><b>", out);
	html_text(out, name);
	fputs("</b> ", out);
	print_figures(out, &lane->time, lane->flow);
	fputs("</figcaption>\n", out);
	print_stack(out, &lane->time, id, name, lane->flow);
	fputs("</figure>\n", out);
}

static void print_more(FILE *out, size_t count, const char *what)
{
	char text[UNITS];

	if (count)
		fprintf(out, "<p>+ %s more %s%s, less stalled or busy, without a lane.</p>\n",
			units_count(text, count), what, count == 1 ? "" : "s");
}

void html_lanes(FILE *out, const struct report *report)
{
	struct captured captured;
	struct lanes lanes;

	if (!report->fold->split.wall)
		return;
	fputs("<section id=\"timeline\">\n<h2>When it was</h2>\n", out);
	print_run(out, report);
	lanes_take(&lanes, report->fold, report->findings, LANES, SLICES);
	for (size_t i = 0; i < lanes.lanes; i++) {
		if (i == 0 && lanes.threads)
			fputs("<h3>Threads on sockets</h3>\n", out);
		if (i == lanes.threads)
			fputs("<h3>Connections</h3>\n", out);
		print_lane(out, report->fold, &lanes.lane[i], (unsigned)i + 1);
	}
	print_more(out, lanes.more_threads, "thread");
	print_more(out, lanes.more_connections, "connection");
	lanes_free(&lanes);
	captured_begin(&captured, HTML_NARROW);
	timeline_print_stretches(captured.file, report);
	captured_as_is(out, &captured, "the stretches in which most was lost");
	fputs("</section>\n", out);
}
