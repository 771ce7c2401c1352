/* The last lines of the screen: what no rule mends, and what to type next. Only commands that there
 * are, and only such as the findings call for; where the sockets are innocent and there is nothing
 * to mend it says so. */
#include <string.h>

#include "tools/base/plural.h"
#include "tools/show/report.h"
#include "tools/base/text.h"

enum { LABEL = 8, WHAT = 44, WHAT_BELOW = 12 };

static void print_command(FILE *out, const char *label, const char *command, const char *what)
{
	char left[4200];

	snprintf(left, sizeof(left), "  %-6s%s", label, command);
	if (*what && text_width(out) < WHAT + 30)
		text_item(out, left, WHAT_BELOW, what);
	else if (*what)
		text_item(out, left, strlen(left) == WHAT - 1 ? WHAT - 1 : WHAT,
			what); /* two blanks, or a new line */
	else
		fprintf(out, "%s\n", left);
}

/* What the verdict is about; else the costliest. */
static const struct finding *first_shown(const struct report *report)
{
	const struct finding *loudest = report->verdict.loudest, *others = report->verdict.others;

	if (loudest || others)
		return loudest ? loudest : others;
	for (size_t i = 0; i < report->findings->count; i++)
		if (!report->findings->finding[i].minor)
			return &report->findings->finding[i];
	return NULL;
}

static size_t count_rules(const struct report *report)
{
	size_t rules = 0;

	for (size_t i = 0; i < report->findings->count; i++)
		rules += (report->all || !report->findings->finding[i].minor) &&
			 *report->findings->finding[i].mend.set;
	return rules;
}

/* What no rule mends, said once for each; false: nothing was. */
static bool print_no_rules(FILE *out, const struct report *report)
{
	bool any = false;

	for (size_t i = 0; i < report->findings->count; i++) {
		const struct finding *finding = &report->findings->finding[i];
		if (finding->minor || finding_is_place(finding) || !*finding->no_rule)
			continue;
		char text[256];
		snprintf(text, sizeof(text), "%s: %s", finding->code->name, finding->no_rule);
		text_wrap(out, 2, text);
		any = true;
	}
	if (any)
		fputc('\n', out);
	return any;
}

static bool is_unproven(const struct report *report)
{
	for (size_t i = 0; i < report->findings->count; i++)
		if (!report->findings->finding[i].minor &&
			finding_wants_proof(&report->findings->finding[i]))
			return true;
	return report->verdict.word == VERDICT_NOT_SURE;
}

/* To be pasted: COMMAND whole, or that word where the line has no room for it; a part of it would
 * do something else. */
static void print_with_command(FILE *out, const struct report *report, const char *label,
	const char *begin, const char *what)
{
	const char *command = report->run->command;
	const size_t room = text_width(out) - LABEL - strlen(begin);
	char line[400];

	snprintf(line, sizeof(line), "%s%s", begin,
		*command && strlen(command) <= room ? command : "COMMAND");
	print_command(out, label, line, what);
}

/* `prove` mends every other turn: it must see some. */
static bool has_turns(const struct fold *fold)
{
	for (size_t f = 0; f < fold->flows; f++)
		if (fold->flow[f].turns)
			return true;
	return false;
}

static void print_rules(FILE *out, const struct report *report, size_t rules)
{
	char command[4160], what[64];

	snprintf(command, sizeof(command), "sockfix suggest%s%s%s > my.conf",
		report->all ? " --all" : "", *report->directory ? " " : "", report->directory);
	snprintf(what, sizeof(what), "write the rule%s (%zu, commented)", plural(rules), rules);
	print_command(out, "next", command, what);
	if (is_unproven(report) && has_turns(report->fold))
		print_with_command(out, report, "", "sockfix prove -r my.conf -- ",
			"first: half of it mended, to be sure");
	else if (is_unproven(report))
		print_with_command(out, report, "", "sockfix compare --twice -r my.conf -- ",
			"first: where it may run twice, to be sure");
	print_with_command(out, report, "", "sockfix run -r my.conf -- ", "");
}

/* Nothing was found that a rule is for, and there may be a stall: half of it under the default rule
 * tells. */
static bool may_be_proved(const struct report *report)
{
	return report->fold->flows && !*report->run->rules && !report->run->elsewhere &&
	       report->verdict.word == VERDICT_NOT_SURE && (report->verdict.doubt > 0);
}

static void print_report(FILE *out, const struct report *report, const char *label,
	const char *code, const char *what)
{
	char command[4160];

	snprintf(command, sizeof(command), "sockfix report%s%s%s%s", *code ? " " : "", code,
		*report->directory ? " " : "", report->directory);
	print_command(out, label, command, what);
}

void next_print(FILE *out, const struct report *report)
{
	const struct finding *first = first_shown(report);
	const size_t rules = count_rules(report);
	const bool said = print_no_rules(out, report);
	const char *label = rules ? "" : "next";

	if (rules)
		print_rules(out, report, rules);
	else if (report->verdict.word == VERDICT_NOT_SOCKETS)
		text_sentences(out, 0, said ? "no rule to write." : "nothing to mend.");
	if (!rules && may_be_proved(report)) {
		print_with_command(out, report, label, "sockfix prove -- ",
			"half by the default rule, to be sure");
		label = "";
	}
	if (report->fold->recorded != UINT64_MAX) {
		/* 16 MB hold some 500,000 events. */
		print_with_command(out, report, label, "sockfix record --limit 256M -- ",
			"all of it in detail");
		label = "";
	}
	if (report->run->living) {
		print_report(out, report, label, "", "again, once it has ended");
		label = "";
	}
	if (first && report->fold->flows)
		print_report(
			out, report, label, first->code->name, "the evidence, one turn in full");
}
