/* A rule file from findings: one group for each that a rule mends, with a comment that says why.
 * Of two rules for one option the later wins, so the costliest finding's comes last. Where there is
 * none the comments say why, for the file may be all that its reader sees. */
#include <limits.h>
#include <string.h>
#include <time.h>

#include "rules/text/option_text.h"
#include "tools/show/command.h"
#include "tools/show/in_force.h"
#include "tools/show/report.h"
#include "tools/base/units.h"
#include "tools/base/harmless.h"

enum { LINE = 78, WIDTH = 80 };

/* Text as comment lines; nothing in it can end the comment. */
static void print_comment(FILE *out, const char *label, const char *text)
{
	size_t column = 0;

	for (const char *word = text; *(word += strspn(word, " \n"));) {
		const size_t length = strcspn(word, " \n");
		if (column && column + 1 + length > LINE)
			column = 0;
		if (!column)
			column = (size_t)fprintf(out, "%s#%s", word == text ? "" : "\n",
				word == text ? label : "  ");
		column += (size_t)fprintf(out, " %.*s", (int)length, word);
		word += length;
	}
	fputc('\n', out);
}

/* Of what costs no seconds nothing is said. */
static void print_cost(FILE *out, const struct report *report, const struct finding *finding)
{
	char low[UNITS], high[UNITS], whole[UNITS], text[160];

	units_seconds(whole, report->verdict.whole);
	if (finding->others_ns)
		snprintf(text, sizeof(text), "costs its clients about %s",
			units_seconds(high, finding->others_ns));
	else if (!finding->lost_high)
		return;
	else if (finding->sure == SURE_PROVEN)
		snprintf(text, sizeof(text), "costs %s of %s",
			units_seconds(high, finding->lost_high), whole);
	else
		snprintf(text, sizeof(text), "costs %s to %s of %s",
			finding->lost_low ? units_bare_seconds(low, finding->lost_low) : "0",
			units_seconds(high, finding->lost_high), whole);
	print_comment(out, "", text);
}

static void print_reason(FILE *out, const struct report *report, const struct finding *finding)
{
	char text[600];

	snprintf(text, sizeof(text), "%s, %s: %s", finding->code->name, sure_name(finding->sure),
		finding->what);
	print_comment(out, "", text);
	print_cost(out, report, finding);
	if (finding_wants_proof(finding)) {
		snprintf(text, sizeof(text), "%s, not proven: try it with sockfix prove first",
			sure_name(finding->sure));
		print_comment(out, "", text);
	}
	print_comment(out, " risk:", finding->code->not_when);
	if (*finding->second.set) {
		snprintf(text, sizeof(text), "%s%s %s", finding->second.set,
			finding->second.force ? " force = true;" : "", finding->second_price);
		print_comment(out, " or:", text);
	}
}

static void print_head(FILE *out, const struct report *report)
{
	char when[32] = "?", text[PATH_MAX + 300], command[WIDTH];
	const time_t began = (time_t)(report->run->started_wall / UINT64_C(1000000000));
	struct tm local;

	if (began && localtime_r(&began, &local))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &local);
	snprintf(text, sizeof(text),
		"suggested by sockfix " SOCKFIX_VERSION " from run %s of %s:", report->run->name,
		when);
	print_comment(out, "", text);
	if (*report->run->command) /* a capture names none */
		fprintf(out, "#  %s\n", command_short(command, WIDTH - 3, report->run->command));
	if (report->run->imported.file) {
		snprintf(text, sizeof(text), "%s %s", report->run->imported.what,
			report->run->imported.file);
		print_comment(out, "  ", text);
	}
}

/* "imap: coalesce=auto tcp_nodelay=true" */
static void print_in_force(FILE *out, const struct rule *rule)
{
	char text[600], value[128];
	size_t used;

	snprintf(text, sizeof(text), "%.200s:%s", rule->name, rule->veto ? " left as it is" : "");
	for (size_t i = 0; i < rule->settings; i++) {
		const struct setting *setting = &rule->setting[i];
		option_print(setting->option, &setting->value, value, sizeof(value));
		used = strlen(text);
		snprintf(text + used, sizeof(text) - used, " %s=%s",
			option_table[setting->option].name, value);
	}
	text_harmless(text);
	print_comment(out, "  ", text);
}

/* What was mended already is not found again: a file without these rules would undo them. */
static void print_rules_in_force(FILE *out, const char *line)
{
	if (!*line)
		return;
	struct in_force rules = in_force_take(line);
	print_comment(out, "",
		rules.known ? "rules in force in that run, not repeated here:" : RULES_UNREAD);
	for (size_t i = 0; i < rules.set.count; i++)
		print_in_force(out, &rules.set.rule[i]);
	in_force_free(&rules);
}

static bool is_taken(const struct report *report, const struct finding *finding)
{
	return *finding->mend.set && (report->all || !finding->minor);
}

/* The same rule stands in the file already, for another finding. */
static bool is_repeated(const struct report *report, size_t index)
{
	const struct mend *mend = &report->findings->finding[index].mend;

	for (size_t i = index + 1; i < report->findings->count; i++) {
		const struct mend *other = &report->findings->finding[i].mend;
		if (is_taken(report, &report->findings->finding[i]) &&
			strcmp(mend->name, other->name) == 0 && mend_is_same(mend, other))
			return true;
	}
	return false;
}

static bool has_minor(const struct report *report)
{
	for (size_t i = 0; i < report->findings->count; i++)
		if (*report->findings->finding[i].mend.set)
			return true;
	return false;
}

static void print_none(FILE *out, const struct report *report)
{
	char text[PATH_MAX + 100];

	fputc('\n', out);
	print_comment(out, "",
		*report->run->rules ? "no rule: beside them, nothing was found that a rule mends"
				    : "no rule: nothing was found that a rule mends");
	if (report->verdict.word == VERDICT_NOT_SURE) {
		snprintf(text, sizeof(text), "but that is not sure: sockfix report %s says why",
			report->directory);
		print_comment(out, "", text);
	} else if (has_minor(report)) {
		snprintf(text, sizeof(text), "for what is minor: sockfix suggest --all %s",
			report->directory);
		print_comment(out, "", text);
	}
}

int suggest_print(FILE *out, const struct report *report)
{
	int count = 0;

	print_head(out, report);
	print_rules_in_force(out, report->run->rules);
	for (size_t i = report->findings->count; i-- > 0;) {
		const struct finding *finding = &report->findings->finding[i];
		if (!is_taken(report, finding) || is_repeated(report, i))
			continue;
		fputc('\n', out);
		print_reason(out, report, finding);
		mend_print(out, &finding->mend, 0, WIDTH);
		count++;
	}
	if (!count)
		print_none(out, report);
	return count;
}
