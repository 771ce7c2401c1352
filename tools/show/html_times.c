/* How long turns took, peer by peer: rows of a table with a bar each, from the least that there was
 * to the most. Finer than the screen's (histogram.c), of the same numbers. */
#include "tools/show/html.h"

#include <stdlib.h>

#include "tools/base/plural.h"
#include "tools/base/units.h"
#include "tools/base/memory.h"
#include "tools/base/numbers.h"

/* Peers, and rows: 1, 2, 5 from 10 us to 1,000 s. */
enum { PEERS = 8, ROWS = 26 };

/* ns: where that row ends. */
static uint64_t row_end(size_t row)
{
	static const uint64_t digit[] = {1, 2, 5};
	uint64_t end = 10000;

	if (row + 1 == ROWS)
		return UINT64_MAX;
	for (size_t decade = 0; decade < row / 3; decade++)
		end *= 10;
	return end * digit[row % 3];
}

/* "20 us", "0.5 ms", "1 s": bounds are round. */
static char *bound(char text[UNITS], uint64_t ns)
{
	if (ns < 100000)
		snprintf(text, UNITS, "%g us", (double)ns / 1e3);
	else if (ns < 1000000000)
		snprintf(text, UNITS, "%g ms", (double)ns / 1e6);
	else
		snprintf(text, UNITS, "%g s", (double)ns / 1e9);
	return text;
}

static void print_row(FILE *out, size_t row, size_t count, size_t most)
{
	char from[UNITS], to[UNITS], text[UNITS];

	fputs("<tr><th scope=\"row\">", out);
	if (row)
		fputs(bound(from, row_end(row - 1)), out);
	if (row + 1 == ROWS)
		fputs(" and more", out);
	else
		fprintf(out, "%s%s", row ? " to " : "under ", bound(to, row_end(row)));
	fputs("</th><td class=\"length\">", out);
	if (count)
		fprintf(out,
			"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%%\" height=\"14\" "
			"aria-hidden=\"true\" focusable=\"false\"><rect class=\"count\" width=\"2\" "
			"height=\"14\"/><rect class=\"count\" width=\"%.2f%%\" height=\"14\"/></svg>",
			units_percent(count, most));
	fprintf(out, "</td><td class=\"figure\">%s</td></tr>\n", units_count(text, count));
}

static void print_rows(FILE *out, const struct transactions *all)
{
	size_t in[ROWS] = {0}, first = ROWS, last = 0, most = 0, at = 0;

	for (size_t row = 0; row < ROWS; row++) {
		for (; at < all->count && all->took[at] < row_end(row); at++)
			in[row]++;
		if (!in[row])
			continue;
		first = row < first ? row : first;
		last = row;
		most = in[row] > most ? in[row] : most;
	}
	for (size_t row = first; row <= last && row < ROWS; row++)
		print_row(out, row, in[row], most);
}

static void print_peer(FILE *out, const struct endpoint *endpoint, const struct transactions *all)
{
	char a[UNITS], b[UNITS], c[UNITS], d[UNITS];

	fputs("<table class=\"times\">\n<caption><b>", out);
	html_text(out, endpoint->text);
	fprintf(out,
		"</b> <span class=\"piece\">%s turn%s</span> <span class=\"piece\">p50 %s</span> "
		"<span class=\"piece\">p99 %s</span> <span class=\"piece\">max %s</span></caption>\n"
		"<thead><tr><th scope=\"col\">TOOK</th><th scope=\"col\"></th>"
		"<th scope=\"col\" class=\"figure\">TURNS</th></tr></thead>\n<tbody>\n",
		units_count(a, all->count), plural(all->count), units_time(b, all->p50),
		units_time(c, all->p99), units_time(d, all->max));
	print_rows(out, all);
	fputs("</tbody>\n</table>\n", out);
}

static int most_turns_first(const void *left, const void *right)
{
	const struct endpoint *a = *(const struct endpoint *const *)left;
	const struct endpoint *b = *(const struct endpoint *const *)right;

	if (a->turns != b->turns)
		return a->turns > b->turns ? -1 : 1;
	return a < b ? -1 : a > b;
}

void html_times(FILE *out, const struct report *report)
{
	const struct fold *fold = report->fold;
	const struct endpoint **endpoint = memory_take(fold->endpoints, sizeof(*endpoint));
	char text[UNITS];
	size_t shown = 0;

	for (size_t e = 0; e < fold->endpoints; e++)
		endpoint[e] = &fold->endpoint[e];
	qsort(endpoint, fold->endpoints, sizeof(*endpoint), most_turns_first);
	for (size_t i = 0; i < fold->endpoints && i < PEERS; i++) {
		struct transactions all =
			transactions_take(fold, (uint32_t)(endpoint[i] - fold->endpoint));

		if (all.count && shown++ == 0)
			fputs("<section id=\"times\">\n<h2>How long turns took</h2>\n"
			      "<p>From a turn's last write to the first byte of its answer; the "
			      "connect with the first.</p>\n",
				out);
		if (all.count)
			print_peer(out, endpoint[i], &all);
		transactions_free(&all);
	}
	if (shown && fold->endpoints > PEERS)
		fprintf(out, "<p>+ %s more.</p>\n", units_count(text, fold->endpoints - PEERS));
	if (shown)
		fputs("</section>\n", out);
	free(endpoint);
}
