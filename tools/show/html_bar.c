/* The time bar, as a picture, and its legend as a list with the letters of the screen. */
#include "tools/show/html.h"

#include "tools/base/units.h"

/* px, and percent of the bar that a letter has room in. */
enum { HEIGHT = 44, LETTER_LEAST = 4 };

static void print_part(
	FILE *out, enum bar part, const struct bar_part *bar, uint64_t wall, double at)
{
	const double width = units_percent(bar->ns, wall);
	const char letter[] = {bar->letter, '\0'};

	if (!bar->ns)
		return;
	fprintf(out,
		"<rect class=\"edge\" x=\"%.3f%%\" y=\"0\" width=\"%.3f%%\" height=\"%d\" "
		"fill=\"url(#h-%s)\"/>\n",
		at, width, HEIGHT, html_hatch(part));
	if (width < LETTER_LEAST)
		return;
	fprintf(out,
		"<circle class=\"plate\" cx=\"%.3f%%\" cy=\"%d\" r=\"13\"/>"
		"<text x=\"%.3f%%\" y=\"%d\" text-anchor=\"middle\">",
		at + width / 2, HEIGHT / 2, at + width / 2, HEIGHT / 2 + 5);
	html_text(out, letter);
	fputs("</text>\n", out);
}

/* "in the program 3.1 s, stalled 195.8 s" */
static void print_desc(FILE *out, const struct bar_part part[BAR_PARTS], uint64_t wall)
{
	const char *comma = "";
	char seconds[UNITS];

	fputs("<title>Where the time went</title>\n<desc>", out);
	for (int i = 0; i < BAR_PARTS; i++) {
		if (!part[i].ns)
			continue;
		fprintf(out, "%s%s %s (%.1f %%)", comma, part[i].name,
			units_seconds(seconds, part[i].ns), units_percent(part[i].ns, wall));
		comma = ", ";
	}
	fputs("</desc>\n", out);
}

static void print_legend(FILE *out, const struct bar_part part[BAR_PARTS], uint64_t wall)
{
	char seconds[UNITS];

	fputs("<ul class=\"legend\">\n", out);
	for (int i = 0; i < BAR_PARTS; i++) {
		if (part[i].ns < BAR_LEAST && part[i].letter != '#')
			continue;
		fputs("<li>", out);
		html_sign(out, (enum bar)i, part[i].letter);
		fprintf(out, " %s <b>%s</b> <span class=\"share\">(%.1f %%)</span></li>\n",
			part[i].name, units_seconds(seconds, part[i].ns),
			units_percent(part[i].ns, wall));
	}
	fputs("</ul>\n", out);
}

void html_bar(FILE *out, const struct report *report)
{
	const uint64_t wall = report->fold->split.wall;
	struct bar_part part[BAR_PARTS];
	struct captured captured;
	double at = 0;

	if (!wall)
		return;
	bar_parts(report, part);
	fprintf(out,
		"<section id=\"time\">\n<h2>Where the time went</h2>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"bar\" width=\"100%%\" "
		"height=\"%d\" role=\"img\">\n",
		HEIGHT);
	print_desc(out, part, wall);
	for (int i = 0; i < BAR_PARTS; i++) {
		print_part(out, (enum bar)i, &part[i], wall, at);
		at += units_percent(part[i].ns, wall);
	}
	fputs("</svg>\n", out);
	print_legend(out, part, wall);
	captured_begin(&captured, HTML_FLOW);
	bar_print_places(captured.file, report, part);
	captured_as_lines(out, &captured, NULL);
	fputs("</section>\n", out);
}
