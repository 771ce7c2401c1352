/* The sentences behind STALLED: what the loud findings come to, whose doing it is, and what the run
 * may take with the rules that mend them. */
#include "tools/show/report.h"
#include "tools/base/text.h"
#include "tools/base/units.h"

static const char *mended_by(size_t rules, size_t loud, bool proven)
{
	if (!proven)
		return rules == 1 ? "One rule may mend it (sockfix prove tells)"
				  : "Rules may mend it (sockfix prove tells)";
	if (rules > 1)
		return "Rules mend it";
	return loud == 1 ? "One rule mends it" : "One rule mends most of it";
}

/* What the run may take with the rules, of `whole`. */
static void print_expected(
	FILE *out, const struct report *report, const char *mended, uint64_t least, uint64_t most)
{
	const uint64_t whole = report->verdict.whole;
	const uint64_t from = whole > most ? whole - most : 0;
	const uint64_t to = whole > least ? whole - least : 0;
	char a[UNITS], b[UNITS], c[UNITS];

	if (to - from <= whole / 20)
		text_sentences(out, 0, "%s; expect about %s instead of %s.", mended,
			units_seconds(a, from + (to - from) / 2), units_seconds(c, whole));
	else if (to == whole)
		text_sentences(out, 0, "%s; expect %s at best, instead of %s.", mended,
			units_seconds(a, from), units_seconds(c, whole));
	else
		text_sentences(out, 0, "%s; expect %s to %s instead of %s.", mended,
			units_bare_seconds(a, from), units_seconds(b, to), units_seconds(c, whole));
}

/* Another thread is at work on its own connections: the run ends when that does. */
static void print_kept(FILE *out, const struct report *report, const char *mended)
{
	const uint64_t win = report->findings->win;
	char a[UNITS];

	if (win * 20 < report->verdict.whole)
		text_sentences(out, 0,
			"%s, but another thread is at work as long: the run may end no sooner.",
			mended);
	else
		text_sentences(out, 0,
			"%s, but another thread is at work for most of it: the run may end %s "
			"sooner.",
			mended, units_seconds(a, win));
}

/* To what the seconds go. */
static const char *culprit(const struct report *report, const struct loud *loud)
{
	if (loud->ours == loud->all)
		return report->run->processes > 1 ? "sockfix (X01)"
						  : "sockfix: it held writes too long";
	if (loud->all > 1)
		return "the habits below";
	return report->fold->flows == 1 ? "one habit on one connection" : "one habit";
}

void stalled_print(FILE *out, const struct report *report, size_t column)
{
	const struct loud *loud = &report->verdict.loud;
	const uint64_t whole = report->verdict.whole, lost = report->verdict.lost;
	const bool exact = loud->all == loud->ours || (loud->all == 1 && loud->sure);
	char a[UNITS], b[UNITS];

	text_sentences(out, column, "%s%s of %s%s (%.0f %%) go to %s.", exact ? "" : "Up to ",
		units_seconds(a, lost), units_seconds(b, whole),
		whole == report->fold->split.wall ? "" : ", all processes together",
		units_percent(lost, whole), culprit(report, loud));
	if (loud->ours && loud->ours < loud->all)
		text_sentences(out, 0, "Of that, %s go to sockfix: it held writes too long (X01).",
			units_seconds(a, loud->ours_ns));
	stalled_print_mends(out, report);
}

void stalled_print_mends(FILE *out, const struct report *report)
{
	const struct loud *loud = &report->verdict.loud;
	const char *mended = mended_by(loud->rules, loud->all, loud->proven);

	if (!loud->rules)
		text_sentences(out, 0, "No rule mends it: the column FIX says who can.");
	else if (report->findings->win < loud->most / 10 * 9)
		print_kept(out, report, mended);
	else
		print_expected(out, report, mended, loud->least, loud->most);
}
