/* The last lines of the screen: what no rule mends, and what to type next. Only commands that there
 * are, and only such as the findings call for; where the sockets are innocent and there is nothing
 * to mend it says so. */
#include <string.h>

#include "tools/plural.h"
#include "tools/show/report.h"
#include "tools/show/text.h"

static void print_command(FILE *out, const char *label, const char *command, const char *what)
{
	char left[4200];

	snprintf(left, sizeof(left), "  %-6s%s", label, command);
	if (*what)
		text_item(out, left, strlen(left) == 43 ? 43 : 44,
			what); /* two blanks, or a new line */
	else
		fprintf(out, "%s\n", left);
}

static const struct finding *first_shown(const struct report *report)
{
	for (size_t i = 0; i < report->findings->count; i++)
		if (!report->findings->finding[i].minor)
			return &report->findings->finding[i];
	return NULL;
}

static size_t count_rules(const struct report *report)
{
	size_t rules = 0;

	for (size_t i = 0; i < report->findings->count; i++)
		rules += !report->findings->finding[i].minor &&
			 *report->findings->finding[i].mend.set;
	return rules;
}

/* What no rule mends, said once for each. */
static void print_no_rules(FILE *out, const struct report *report)
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
}

static bool is_unproven(const struct report *report)
{
	for (size_t i = 0; i < report->findings->count; i++)
		if (!report->findings->finding[i].minor &&
			finding_wants_proof(&report->findings->finding[i]))
			return true;
	return report_verdict(report) == VERDICT_NOT_SURE;
}

static const char *short_command(const struct report *report)
{
	return strlen(report->run->command) <= 40 ? report->run->command : "COMMAND";
}

static void print_with_rules(
	FILE *out, const struct report *report, const char *verb, const char *what)
{
	char command[160];

	snprintf(command, sizeof(command), "sockfix %s -r my.conf -- %.40s", verb,
		short_command(report));
	print_command(out, "", command, what);
}

static void print_rules(FILE *out, const struct report *report, size_t rules)
{
	char command[4160], what[64];

	snprintf(command, sizeof(command), "sockfix suggest%s%s > my.conf",
		*report->directory ? " " : "", report->directory);
	snprintf(what, sizeof(what), "write the rule%s (%zu, commented)", plural(rules), rules);
	print_command(out, "next", command, what);
	if (is_unproven(report))
		print_with_rules(out, report, "prove", "first: half of it mended, to be sure");
	print_with_rules(out, report, "run", "");
}

static bool is_full(const struct run *run)
{
	for (size_t p = 0; p < run->processes; p++)
		if (run->process[p].header.full)
			return true;
	return false;
}

/* 16 MB hold some 500,000 events. */
static void print_more_room(FILE *out, const struct report *report, const char *label)
{
	char command[160];

	snprintf(command, sizeof(command), "sockfix record --limit 256M -- %.40s",
		short_command(report));
	print_command(out, label, command, "all of it in detail");
}

void next_print(FILE *out, const struct report *report)
{
	const struct finding *first = first_shown(report);
	const size_t rules = count_rules(report);
	char command[4160];

	print_no_rules(out, report);
	if (rules)
		print_rules(out, report, rules);
	else if (report_verdict(report) == VERDICT_NOT_SOCKETS)
		fputs("  nothing to mend.\n", out);
	if (is_full(report->run))
		print_more_room(out, report, rules ? "" : "next");
	if (!first || !report->fold->flows)
		return;
	snprintf(command, sizeof(command), "sockfix report %s%s%s", first->code->name,
		*report->directory ? " " : "", report->directory);
	print_command(out, rules || is_full(report->run) ? "" : "next", command,
		"the evidence, one turn in full");
}
