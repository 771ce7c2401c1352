/* Parts of the screen of both ends: the bar with its legend, the findings with the end that each is
 * at, and each connection's time. */
#include <stdlib.h>
#include <string.h>

#include "tools/base/ip_text.h"
#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/show/both.h"

enum { MARGIN = 16, LINES = 40, WHAT = 46, TEXT = 320 };

/* ns: of less a figure of seconds shows nothing. */
#define LEAST UINT64_C(500000)

/* Small letters: the client; capitals: the server. */
static const char letter[BOTH_PARTS] = {
	[BOTH_IN_CLIENT] = '=',
	[BOTH_ON_WAY] = '-',
	[BOTH_IN_SERVER] = '>',
	[BOTH_HELD_CLIENT] = 'h',
	[BOTH_ACK_SERVER] = 'A',
	[BOTH_HELD_SERVER] = 'H',
	[BOTH_ACK_CLIENT] = 'a',
	[BOTH_SLOW] = '?',
	[BOTH_NOT_SPLIT] = '~',
};

/* ---- the bar ---- */

/* Cells that add up to the bar: what is rounded away goes to the part that was cut most. */
static void share_cells(const struct both_sum *sum, int cells, int cell[BOTH_PARTS])
{
	double rest[BOTH_PARTS];
	int used = 0;

	for (int part = 0; part < BOTH_PARTS; part++) {
		const double exact =
			sum->took ? (double)sum->part[part] * cells / (double)sum->took : 0;
		cell[part] = (int)exact;
		rest[part] = exact - cell[part];
		used += cell[part];
	}
	for (; used < cells; used++) {
		int most = 0;
		for (int part = 1; part < BOTH_PARTS; part++)
			if (rest[part] > rest[most])
				most = part;
		cell[most]++;
		rest[most] = -1;
	}
}

void both_print_bar(FILE *out, const struct both_sum *sum)
{
	int cell[BOTH_PARTS];
	size_t column = 0;

	if (!sum->took)
		return;
	share_cells(sum, (int)text_width(out) - MARGIN, cell);
	fputs("  |", out);
	for (int part = 0; part < BOTH_PARTS; part++)
		for (int i = 0; i < cell[part]; i++)
			fputc(letter[part], out);
	fputs("|\n", out);
	for (int part = 0; part < BOTH_PARTS; part++) {
		char piece[96], seconds[UNITS];

		if (sum->part[part] < LEAST && !cell[part])
			continue;
		snprintf(piece, sizeof(piece), "%c %s %s", letter[part], both_part_name(part),
			units_seconds(seconds, sum->part[part]));
		text_piece(out, &column, 3, piece);
	}
	fputs("\n\n", out);
}

/* ---- findings ---- */

/* Where there are several services each says which it is about. */
static void what_text(char text[TEXT], const struct both *both, const struct both_finding *finding)
{
	const struct both_service *service = &both->service[finding->service];
	char place[IP_TEXT_ENDPOINT];

	ip_text_endpoint(place, service->first->peer, service->first->peer_port);
	snprintf(text, TEXT, "%s%s%s%s", both->services > 1 ? place : "",
		both->services > 1 ? ": " : "", finding->again ? "the same wait: " : "",
		finding->what);
}

static void print_finding(FILE *out, const struct both *both, const struct both_finding *finding)
{
	char left[96], lost[UNITS], what[TEXT];

	units_seconds(lost, finding->lost);
	snprintf(left, sizeof(left), "  %9s  %5.1f  %-8s %-4s  %-6s  %s", lost,
		units_percent(finding->lost, both->sum.took), sure_name(finding->sure),
		finding->code->name, both_side_name(finding->end), fix_name(finding->fix));
	what_text(what, both, finding);
	text_item(out, left, WHAT + 4, what);
}

void both_print_table(FILE *out, const struct both_report *report)
{
	const struct both *both = report->both;
	size_t shown = 0, minor = 0;

	for (size_t i = 0; i < both->findings; i++) {
		const struct both_finding *finding = &both->finding[i];

		if (finding->minor && !report->all) {
			minor++;
			continue;
		}
		if (shown++ == 0)
			text_item(out, "       LOST  %TIME  SURE     CODE  END     FIX", WHAT + 4,
				"WHAT");
		print_finding(out, both, finding);
	}
	if (minor)
		fprintf(out, "    + %zu minor: --all\n", minor);
	if (shown || minor)
		fputc('\n', out);
}

/* ---- connections ---- */

static int compare_took(const void *left, const void *right)
{
	const struct both_pair *one = *(const struct both_pair *const *)left;
	const struct both_pair *other = *(const struct both_pair *const *)right;

	if (one->sum.took != other->sum.took)
		return one->sum.took < other->sum.took ? 1 : -1;
	return one < other ? -1 : 1;
}

static void print_connection(FILE *out, const struct both_pair *pair)
{
	char text[BOTH_PAIR_TEXT], count[UNITS], took[UNITS], piece[96];
	size_t column = 0;

	fprintf(out, "  %s   %s turn%s, %s\n", both_pair_text(text, pair),
		units_count(count, pair->sum.turns), pair->sum.turns == 1 ? "" : "s",
		units_seconds(took, pair->sum.took));
	for (int part = 0; part < BOTH_PARTS; part++) {
		if (!pair->sum.part[part])
			continue;
		snprintf(piece, sizeof(piece), "%s %s", both_part_name(part),
			units_time(took, pair->sum.part[part]));
		text_piece(out, &column, 6, piece);
	}
	if (column)
		fputc('\n', out);
	if (pair->why != BOTH_SPLIT)
		fprintf(out, "      not split: %s\n", both_why_text(pair->why));
}

void both_print_connections(FILE *out, const struct both *both)
{
	const struct both_pair **pair = memory_take(both->pairs, sizeof(struct both_pair *));

	for (size_t i = 0; i < both->pairs; i++)
		pair[i] = &both->pair[i];
	if (both->pairs)
		qsort(pair, both->pairs, sizeof(*pair), compare_took);
	for (size_t i = 0; i < both->pairs && i < LINES; i++)
		print_connection(out, pair[i]);
	if (both->pairs > LINES)
		fprintf(out, "  + %zu more connections: --format json\n", both->pairs - LINES);
	fputc('\n', out);
	free(pair);
}
