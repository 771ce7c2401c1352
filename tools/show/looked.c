/* The screen of `sockfix look`: for each process who it is, the verdict, the findings by their
 * share, the rule, and what to do next. Has words for numbers, and no numbers of its own. */
#include "tools/show/looked.h"

#include <string.h>

#include "tools/base/plural.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/show/report.h"

enum { INDENT = 2, WHAT = 46, RULE_INDENT = 4 };

uint64_t looked_ns(const struct observed *observed)
{
	return observed->end - observed->began;
}

/* ---- who ---- */

void looked_print_head(FILE *out, const struct watch *watch)
{
	char took[UNITS], piece[2 * UNITS + 20];
	size_t column = 0;

	snprintf(piece, sizeof(piece), "sockfix look   %s", units_seconds(took, watch->took));
	text_piece(out, &column, 0, piece);
	snprintf(piece, sizeof(piece), "sampled: at most %g looks a second", watch->a_second);
	text_piece(out, &column, INDENT, piece);
	snprintf(piece, sizeof(piece), "%.1f %% of a processor",
		units_percent(watch->cost, watch->took));
	text_piece(out, &column, INDENT, piece);
	fputc('\n', out);
}

static void print_count(FILE *out, size_t *column, size_t count, const char *what)
{
	char text[UNITS], piece[2 * UNITS];

	snprintf(piece, sizeof(piece), "%s %s%s", units_count(text, count), what, plural(count));
	text_piece(out, column, INDENT, piece);
}

static void print_who(FILE *out, const struct looked *looked)
{
	const struct who *who = &looked->observed->who;
	char piece[WHO_TEXT + 32];
	size_t column = 0;

	if (who->pid)
		fprintf(out, "\n  %s%d %s%s\n", text_bold(out), (int)who->pid, who->command,
			text_plain(out));
	else
		fprintf(out, "\n  %swithout a name%s\n", text_bold(out), text_plain(out));
	snprintf(piece, sizeof(piece), who->pid ? "user %s" : "not to be seen in /proc", who->user);
	text_piece(out, &column, INDENT, piece);
	if (*who->unit)
		text_piece(out, &column, INDENT, who->unit);
	print_count(out, &column, looked->sampled.connections, "connection");
	if (looked->sampled.listeners)
		print_count(out, &column, looked->sampled.listeners, "listener");
	print_count(out, &column, looked->observed->looks, "look");
	fputs("\n\n", out);
}

/* ---- the verdict ---- */

static const char *whose(const struct sampled_finding *finding)
{
	return finding->others ? ", and its clients wait" : "";
}

static void print_found(FILE *out, const struct looked *looked, size_t column)
{
	const struct sampled *sampled = &looked->sampled;
	const struct sampled_finding *first = &sampled->finding[0];
	char share[SHARE_TEXT], time[UNITS], more[96] = "";

	if (first->connections > 1)
		snprintf(more, sizeof(more), ", on %u connections", first->connections);
	text_sentences(out, column, "%s of %s go to %s%s%s.", share_text(share, &first->share),
		units_seconds(time, looked_ns(looked->observed)),
		sampled->loud > 1 ? "the first of the habits below" : "one habit", more,
		whose(first));
	if (*first->mend.set)
		text_sentences(out, 0,
			first->sure == SURE_PROVEN ? "One rule mends it."
						   : "One rule may mend it.");
	else
		text_sentences(out, 0, "No rule mends it: %s.", first->no_rule);
	if (first->sure != SURE_PROVEN && first->code->segments)
		text_sentences(out, 0,
			"Likely, not proven: whether TCP_NODELAY is on could not be asked, which "
			"needs the permission of ptrace(2).");
}

/* Not there, while it was looked at; and what may have been missed. */
static void print_none(FILE *out, const struct looked *looked, size_t column)
{
	const struct sampled *sampled = &looked->sampled;
	char share[SHARE_TEXT], time[UNITS], looks[UNITS], busy[UNITS];

	units_seconds(time, looked_ns(looked->observed));
	units_count(looks, looked->observed->looks);
	share_text(share, &sampled->none);
	if (sampled->word == VERDICT_NOT_SOCKETS)
		text_sentences(out, column,
			"%s looks at %s connection%s that moved bytes saw no stall: %s of %s may "
			"have been one.",
			looks, units_count(busy, sampled->busy), plural(sampled->busy), share,
			time);
	else if (sampled->busy)
		text_sentences(out, column,
			"%s look%s in %s saw no stall, which is not enough for a 'no': look for "
			"longer.",
			looks, plural(looked->observed->looks), time);
	else
		text_sentences(out, column,
			"Nothing moved on its connections in %s: look while it is at work.", time);
}

static void print_verdict(FILE *out, const struct looked *looked)
{
	const char *name = verdict_name(looked->sampled.word);
	const size_t column = INDENT + strlen(name) + 1;

	fprintf(out, "  %s%s.%s", text_bold(out), name, text_plain(out));
	if (looked->sampled.loud)
		print_found(out, looked, column);
	else
		print_none(out, looked, column);
	if (looked->observed->ended)
		text_sentences(out, 0, "It ended while it was looked at.");
	fputc('\n', out);
}

/* ---- the findings ---- */

static void print_finding(
	FILE *out, const struct looked *looked, const struct sampled_finding *finding)
{
	const double all = (double)looked_ns(looked->observed);
	char low[UNITS], high[UNITS], lost[3 * UNITS], share[UNITS];

	snprintf(lost, sizeof(lost), "%s-%s",
		units_bare_seconds(low, (uint64_t)(finding->share.low * all)),
		units_seconds(high, (uint64_t)(finding->share.high * all)));
	snprintf(share, sizeof(share), "%.0f-%.0f", finding->share.low * 100,
		finding->share.high * 100);
	if (finding->minor) {
		strcpy(lost, "-");
		strcpy(share, "-");
	}
	fprintf(out, "  %11s  %6s  %-8s %s   %-6s  %s\n", lost, share, sure_name(finding->sure),
		finding->code->name, fix_name(finding->fix), finding->peer);
	text_item(out, "", WHAT, finding->what);
}

static void print_findings(FILE *out, const struct looked *looked)
{
	if (!looked->sampled.count)
		return;
	fprintf(out, "  %11s  %6s  %-8s %s  %-6s  %s\n", "LOST", "%TIME", "SURE", "CODE", "FIX",
		"PEER, WHAT");
	for (size_t i = 0; i < looked->sampled.count; i++)
		print_finding(out, looked, &looked->sampled.finding[i]);
	fputc('\n', out);
}

/* ---- what to do ---- */

static void print_rules(FILE *out, const struct looked *looked)
{
	bool any = false;

	for (size_t i = 0; i < looked->sampled.count; i++) {
		const struct mend *mend = &looked->sampled.finding[i].mend;

		if (!*mend->set)
			continue;
		if (!any)
			fprintf(out, "  the rule, for a file my.conf:\n");
		any = true;
		mend_print(out, mend, RULE_INDENT, text_width(out));
	}
	if (any)
		fputc('\n', out);
}

/* Commands are pasted: they are not broken. */
static void print_command(FILE *out, const char *label, const char *command, const char *what)
{
	fprintf(out, "  %-4s  %s%s%s\n", label, command, *what ? "   " : "", what);
}

static void print_next(FILE *out, const struct looked *looked)
{
	const struct sampled_finding *first = looked->sampled.finding;
	const char *label = "next";
	char command[64];

	if (!looked->sampled.count) {
		print_command(out, "next", "sockfix record -- COMMAND",
			"where its time goes, from its next start on");
		return;
	}
	if (first->code->segments) {
		snprintf(command, sizeof(command), "sockfix mend -p %d",
			(int)looked->observed->who.pid);
		print_command(out, label, command, "now, while it runs");
		label = "";
	}
	if (*first->mend.set) {
		print_command(
			out, label, "sockfix run -r my.conf -- COMMAND", "from its next start on");
		label = "";
	}
	snprintf(command, sizeof(command), "sockfix explain %s", first->code->name);
	print_command(out, label, command, "");
}

void looked_print_process(FILE *out, const struct looked *looked)
{
	print_who(out, looked);
	print_verdict(out, looked);
	print_findings(out, looked);
	print_rules(out, looked);
	if (looked->observed->who.pid)
		print_next(out, looked);
}

void looked_print(FILE *out, const struct watch *watch, const struct looked *looked, size_t count)
{
	looked_print_head(out, watch);
	for (size_t i = 0; i < count; i++)
		looked_print_process(out, &looked[i]);
}
