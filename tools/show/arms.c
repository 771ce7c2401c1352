/* What `sockfix prove` found: the verdict first, then both arms with their spread, then what the
 * whole run would have taken in either. Must not judge: find/arms.c did. */
#include <string.h>

#include "tools/show/report.h"
#include "tools/base/text.h"
#include "tools/base/units.h"

static const char *const verdict_word[] = {"NOT SURE", "MENDED", "NO DIFFERENCE", "SLOWER"};

static void print_unknown(FILE *out, const struct report *report, const struct arms *arms)
{
	char a[UNITS], b[UNITS], text[512];

	fputc('\n', out);
	if (report->run->elsewhere)
		snprintf(text, sizeof(text), "%s", report->run->elsewhere);
	else if (!arms->bare.turns && !arms->mended.turns)
		snprintf(text, sizeof(text),
			"The rules reached no connection that wrote: nothing to compare.");
	else
		snprintf(text, sizeof(text),
			"Blocks of turns: %s bare and %s mended, and %d of each are "
			"needed. A block is 20 turns of a connection, or a connection where a rule "
			"sets an option of connect time: take a job of 250 turns or more, or "
			"sockfix compare --twice.",
			units_count(a, arms->bare.blocks), units_count(b, arms->mended.blocks),
			ARMS_BLOCKS);
	text_wrap(out, 2, text);
}

static void print_verdict(FILE *out, const struct report *report, const struct arms *arms)
{
	const char *word = verdict_word[arms->verdict];
	char a[UNITS], b[UNITS];

	fprintf(out, "  %s%s%s.", text_bold(out), word, text_plain(out));
	if (arms->verdict == ARMS_UNKNOWN)
		print_unknown(out, report, arms);
	else
		text_sentences(out, 2 + strlen(word) + 1,
			"A turn takes %s with the rules, %s without (means of blocks).",
			units_time(a, (uint64_t)arms->mended.block_mid),
			units_time(b, (uint64_t)arms->bare.block_mid));
	if (arms->verdict == ARMS_WORSE)
		text_sentences(out, 0, "Run it without these rules.");
	if (arms->verdict == ARMS_EQUAL && arms->by_chance)
		text_sentences(out, 0,
			"Chance explains as much: blocks of both arms differ among themselves.");
	fputc('\n', out);
}

/* A row of the turns' table, or its head; closer where the screen is narrow. */
static void print_cells(FILE *out, const char *const cell[7])
{
	static const int wide[] = {8, 10, 17, 10, 10, 10, 12}, close[] = {8, 7, 8, 8, 8, 8, 11};
	const int *width = text_width(out) < 79 ? close : wide;

	fprintf(out, "  %-*s", width[0], cell[0]);
	for (int i = 1; i < 7; i++)
		fprintf(out, "%*s", width[i], cell[i]);
	fputc('\n', out);
}

static void print_arm(FILE *out, const char *name, const struct arm *arm)
{
	char turns[UNITS], p5[UNITS], p50[UNITS], p95[UNITS], max[UNITS], held[UNITS];
	const char *const cell[] = {name, units_count(turns, arm->turns), units_ms(p5, arm->p5),
		units_ms(p50, arm->p50), units_ms(p95, arm->p95), units_ms(max, arm->max),
		units_count(held, arm->proven)};

	print_cells(out, cell);
}

static void print_blocks(FILE *out, const char *name, const struct arm *arm)
{
	char blocks[UNITS], low[UNITS], mid[UNITS], high[UNITS];

	fprintf(out, "  %-8s%10s  %s ms, half of them %s..%s\n", name,
		units_count(blocks, arm->blocks), units_ms(mid, (uint64_t)arm->block_mid),
		units_ms(low, (uint64_t)arm->block_low), units_ms(high, (uint64_t)arm->block_high));
}

static void print_whole(FILE *out, const struct report *report, const struct arms *arms)
{
	char bare[UNITS], half[UNITS], mended[UNITS];

	text_sentences(out, 0,
		"The run took %s; all of it bare about %s, all of it mended about %s.",
		units_seconds(half, report->verdict.whole), units_seconds(bare, arms->bare.run),
		units_seconds(mended, arms->mended.run));
}

void arms_print(FILE *out, const struct report *report, const struct arms *arms)
{
	static const char *const head[] = {
		"of turns", "count", "p5 ms", "p50", "p95", "max", "held back"};

	header_print(out, report);
	print_verdict(out, report, arms);
	if (arms->bare.turns && arms->mended.turns) {
		print_cells(out, head);
		print_arm(out, "bare", &arms->bare);
		print_arm(out, "mended", &arms->mended);
		fputs("\n  of blocks    count  mean of a turn\n", out);
		print_blocks(out, "bare", &arms->bare);
		print_blocks(out, "mended", &arms->mended);
		fputc('\n', out);
	}
	if (arms->verdict == ARMS_BETTER || arms->verdict == ARMS_WORSE)
		print_whole(out, report, arms);
}
