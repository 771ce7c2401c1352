/* The first word of the screen, and the sentences behind it. Says what was judged
 * (find/verdict.c), and judges nothing. */
#include <string.h>

#include "tools/base/plural.h"
#include "tools/show/report.h"
#include "tools/base/text.h"
#include "tools/base/units.h"

/* ns: what a figure of seconds shows at least. */
#define LEAST UINT64_C(1000000)

const char *verdict_name(enum verdict_word verdict)
{
	static const char *const name[] = {"STALLED", "SPIKES", "BUSY", "PEER IS SLOW", "NAMES",
		"STALLED", "OTHERS PAY", "IT IS NOT THE SOCKETS", "NOT SURE", "MENDED"};

	return name[verdict];
}

static void print_spikes(FILE *out, const struct report *report, size_t column)
{
	const struct finding *first = report->verdict.loudest;
	struct transactions all = transactions_take(report->fold, first->endpoint);
	char a[UNITS], b[UNITS], c[UNITS], d[UNITS];

	text_sentences(out, column, "%s transactions: p50 %s ms, p99 %s, max %s ms.",
		units_count(a, all.count), units_ms(b, all.p50), units_ms(c, all.p99),
		units_ms(d, all.max));
	transactions_free(&all);
	text_sentences(out, 0, "Of these, %s.", first->what);
	stalled_print_mends(out, report);
}

/* What was seen does not say it: what was not. */
static void print_unseen(FILE *out, const struct report *report)
{
	const struct fold *fold = report->fold;
	char unseen[UNSEEN_TEXT];

	unseen_text(report->run, unseen, sizeof(unseen));
	if (report->run->imported.what)
		text_sentences(out, 0,
			fold->coverage < 0
				? "What is not in the %s nobody knows."
				: "No more can be said without the kernel's word, which is "
				  "not in the %s.",
			report->run->imported.what);
	else if (fold->coverage < 0)
		text_sentences(out, 0,
			"How many bytes there were the kernel was never asked: no connection was "
			"seen to be closed.");
	else if (!report->verdict.covered && fold_saw_what_was_asked(fold) &&
		 run_is_whole(report->run))
		text_sentences(out, 0,
			"What else was on the connections that were not seen to end nobody knows: "
			"that it is not the sockets cannot be said.");
	else if (!report->verdict.covered || !run_is_whole(report->run))
		text_sentences(out, 0, "Too much was not seen to say that it is not the sockets.");
	if (*unseen)
		text_wrap(out, 2, unseen);
}

/* And what is known of what was not seen. */
static void print_why(FILE *out, const struct report *report)
{
	const char *const why[] = {[UNJUDGED_ELSEWHERE] = report->run->elsewhere,
		[UNJUDGED_LOST] = "No connection is in the recording, and not all of it is there.",
		[UNJUDGED_NOBODY] = report->run->imported.what
					    ? "No TCP connection is in it, and not all that the "
					      "program did."
					    : "Nothing was recorded: the library was at work in no "
					      "process.",
		[UNJUDGED_UNSEEN] = NULL};
	char unseen[UNSEEN_TEXT];

	if (why[report->verdict.unjudged])
		text_wrap(out, 2, why[report->verdict.unjudged]);
	unseen_text(report->run, unseen, sizeof(unseen));
	if (*unseen)
		text_wrap(out, 2, unseen);
}

static void print_held(FILE *out, const struct report *report, size_t column)
{
	const struct held held = held_of(report->fold);
	char a[UNITS], b[UNITS], c[UNITS], d[UNITS];

	text_sentences(out, column,
		"Up to %s of %s may be a stall: the kernel held bytes back in %s of %s turn%s; %s.",
		units_seconds(a, report->findings->doubt), units_seconds(b, report->verdict.whole),
		units_count(c, held.turns), units_count(d, held.of), plural(held.of),
		held.seen ? "for how long was not seen" : "which call waited was not seen");
}

static void print_not_sure(FILE *out, const struct report *report, size_t column)
{
	const uint64_t doubt = report->verdict.doubt;
	char a[UNITS], b[UNITS];

	if (report->verdict.unjudged) {
		fputc('\n', out);
		print_why(out, report);
		return;
	}
	if (doubt && report->findings->doubt == doubt)
		print_held(out, report, column);
	else if (!doubt)
		text_sentences(out, column, "Nothing that was seen looks like a stall.");
	else
		text_sentences(out, column, "Between 0 s and %s of %s look like a stall.",
			units_seconds(a, doubt), units_seconds(b, report->verdict.whole));
	print_unseen(out, report);
}

/* What rules can win at most: no less than a millisecond, for it is a promise. */
static void print_bound(FILE *out, const struct report *report, size_t column, const char *end)
{
	const uint64_t bound = report->findings->bound, wall = report->fold->split.wall;
	char a[UNITS], b[UNITS];

	text_sentences(out, column, "No rule can win more than %s of %s (%.1f %%)%s.",
		units_seconds(a, bound && bound < LEAST ? LEAST : bound), units_seconds(b, wall),
		units_percent(bound, wall), end);
}

/* "was 39.3 in the holdout": medians of both arms, where a run has them. */
static void print_mended(FILE *out, const struct report *report, size_t column)
{
	const struct fold *fold = report->fold;
	const struct endpoint *most = NULL;
	char a[UNITS], b[UNITS];

	for (size_t e = 0; e < fold->endpoints; e++)
		if (!most || fold->endpoint[e].turns > most->turns)
			most = &fold->endpoint[e];
	text_sentences(out, column, "%s turn%s, p50 %s ms.", units_count(a, most ? most->turns : 0),
		plural(most ? most->turns : 0), units_ms(b, most ? most->wait_p50 : 0));
	print_bound(out, report, 0, " again");
}

/* 'NAMES. 4.0 s of 4.7 s (85 %) are spent looking up names.' */
static void print_seconds(FILE *out, const struct report *report, size_t column, const char *go)
{
	const struct finding *first = report->verdict.loudest;
	const uint64_t whole = report->verdict.whole, low = first->lost_low;
	const uint64_t high = first->lost_high < whole ? first->lost_high : whole;
	char a[UNITS], b[UNITS];

	text_sentences(out, column, "%s%s of %s (%.0f %%) %s.", low == high ? "" : "Up to ",
		units_seconds(a, high), units_seconds(b, whole), units_percent(high, whole), go);
	stalled_print_mends(out, report);
}

static void print_busy(FILE *out, const struct report *report, size_t column)
{
	const bool sets = strcmp(report->verdict.loudest->code->name, "S11") == 0;

	print_seconds(out, report, column,
		sets ? "go to calls that change nothing" : "go to calls that find nothing to do");
}

static void print_peer(FILE *out, const struct report *report, size_t column)
{
	print_seconds(out, report, column, "this side could have sent more");
}

static void print_names(FILE *out, const struct report *report, size_t column)
{
	print_seconds(out, report, column, "are spent looking up names");
}

static void print_who_mends(FILE *out, const struct finding *finding)
{
	text_sentences(out, 0, "%s: %s.", finding->code->name, finding->what);
	text_sentences(out, 0, "%s. This run itself loses nothing by it.",
		*finding->mend.set ? "One rule mends it" : "No rule mends it");
}

static void print_clients(FILE *out, const struct report *report, size_t column)
{
	const struct finding *finding = report->verdict.others;
	char a[UNITS];

	text_sentences(out, column, "Its clients are: it costs them about %s.",
		units_seconds(a, finding->others_ns));
	print_who_mends(out, finding);
}

static void print_others(FILE *out, const struct report *report, size_t column)
{
	text_sentences(out, column, "Bytes that it wrote did not reach its peers.");
	print_who_mends(out, report->verdict.others);
}

static void print_not_sockets(FILE *out, const struct report *report, size_t column)
{
	if (!report->fold->flows)
		text_sentences(out, column, "No TCP connection was made.");
	else
		print_bound(out, report, column, "");
}

void verdict_print(FILE *out, const struct report *report)
{
	static void (*const print[])(FILE *, const struct report *, size_t column) = {stalled_print,
		print_spikes, print_busy, print_peer, print_names, print_clients, print_others,
		print_not_sockets, print_not_sure, print_mended};
	const enum verdict_word verdict = report->verdict.word;
	const char *name = verdict_name(verdict);

	fprintf(out, "  %s%s.%s", text_bold(out), name, text_plain(out));
	print[verdict](out, report, 2 + strlen(name) + 1);
	ours_print(out, report);
	fputc('\n', out);
}
