/* Prints what rules_decide() answers, never an answer of its own: who won is read from the
 * decision; this file only adds who else had matched, and why that did not count. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/text/option_text.h"
#include "tools/show/outcome.h"
#include "tools/show/problem.h"
#include "tools/base/text.h"
#include "tools/base/ip_text.h"

struct row {
	const struct rule *rule; /* NULL: none */
	bool wins;
	char what[32], value[64], place[512], remark[160];
};

struct outcome {
	const struct ruleset *set;
	const struct subject *subject;
	struct decision decision;
	size_t end; /* rules from here on come after one with last = true, or are none */
	struct row *row;
	size_t rows;
};

static bool applies(const struct rule *rule, const struct subject *subject)
{
	return !rule->veto && rule->holdout <= subject->draw && rule_matches(rule, subject);
}

static struct row *add_row(struct outcome *outcome, const struct rule *rule, const char *what)
{
	struct row *row = &outcome->row[outcome->rows++];
	row->rule = rule;
	snprintf(row->what, sizeof(row->what), "%s", what);
	if (rule)
		problem_place(*rule->file ? rule->file : "built-in", rule->line, row->place,
			sizeof(row->place));
	return row;
}

static void remark_winner(const struct outcome *outcome, int id, struct row *row)
{
	const char *force = outcome->decision.force & OPTION_BIT(id) ? "force" : "";
	if (!(outcome->decision.set & OPTION_BIT(id)))
		snprintf(row->remark, sizeof(row->remark), "as the program has it");
	else if (row->rule->holdout)
		snprintf(row->remark, sizeof(row->remark), "%s%snot for %u %% of the flows", force,
			*force ? ", " : "", row->rule->holdout);
	else
		snprintf(row->remark, sizeof(row->remark), "%s", force);
}

static void remark_loser(const struct outcome *outcome, int id, size_t index, struct row *row)
{
	if (index >= outcome->end)
		snprintf(row->remark, sizeof(row->remark), "comes after %s, which has last = true",
			outcome->set->rule[outcome->end - 1].name);
	else if ((int)index > outcome->decision.rule[id])
		snprintf(row->remark, sizeof(row->remark),
			"port %u: only a rule that names this port joins writes",
			outcome->subject->port);
}

static void add_setting(
	struct outcome *outcome, int id, size_t index, const struct setting *setting)
{
	const struct rule *rule = &outcome->set->rule[index];
	bool wins = outcome->decision.rule[id] == (int)index;
	struct row *row = add_row(outcome, rule, wins ? option_table[id].name : "  loses");
	row->wins = wins;
	option_print(id, &setting->value, row->value, sizeof(row->value));
	if (wins)
		remark_winner(outcome, id, row);
	else
		remark_loser(outcome, id, index, row);
}

/* The rows of one option for the rule that won, or for the others, the nearest to it first. */
static void add_settings(struct outcome *outcome, int id, bool winner)
{
	for (size_t i = outcome->set->count; i-- > 0;) {
		const struct rule *rule = &outcome->set->rule[i];
		if ((outcome->decision.rule[id] == (int)i) != winner ||
			!applies(rule, outcome->subject))
			continue;
		for (size_t k = 0; k < rule->settings; k++) {
			if (rule->setting[k].option == id)
				add_setting(outcome, id, i, &rule->setting[k]);
		}
	}
}

static void add_option(struct outcome *outcome, int id)
{
	size_t before = outcome->rows;
	if (outcome->decision.rule[id] != NO_RULE) {
		add_settings(outcome, id, true);
		add_settings(outcome, id, false);
		return;
	}
	struct row *row = add_row(outcome, NULL, option_table[id].name);
	row->wins = true;
	snprintf(row->value, sizeof(row->value), "keep");
	snprintf(row->remark, sizeof(row->remark), "as the program has it");
	add_settings(outcome, id, false);
	if (outcome->rows == before + 1)
		outcome->rows = before;
}

static size_t print_cell(FILE *out, const char *text, size_t width)
{
	return (size_t)fprintf(out, "%-*s", (int)width + 2, text);
}

static void print_rows(FILE *out, const struct outcome *outcome)
{
	size_t width[4] = {0};
	for (size_t i = 0; i < outcome->rows; i++) {
		const struct row *row = &outcome->row[i];
		const char *cell[4] = {
			row->what, row->value, row->rule ? row->rule->name : "-", row->place};
		for (size_t k = 0; k < 4; k++)
			width[k] = strlen(cell[k]) > width[k] ? strlen(cell[k]) : width[k];
	}
	for (size_t i = 0; i < outcome->rows; i++) {
		const struct row *row = &outcome->row[i];
		fputs(row->wins ? text_bold(out) : "", out);
		print_cell(out, row->what, width[0]);
		print_cell(out, row->value, width[1]);
		fputs(row->wins ? text_plain(out) : "", out);
		print_cell(out, row->rule ? row->rule->name : "-", width[2]);
		if (*row->remark)
			print_cell(out, row->place, width[3]);
		fprintf(out, "%s\n", *row->remark ? row->remark : row->place);
	}
}

static void print_address(FILE *out, const void *at)
{
	char text[INET6_ADDRSTRLEN];

	ip_text(text, at);
	fputs(text, out);
}

static void print_text(FILE *out, const void *at)
{
	fputs(*(const char *const *)at, out);
}

static void print_role(FILE *out, const void *at)
{
	fputs(*(const enum role *)at == ROLE_SERVER ? "server" : "client", out);
}

static void print_port(FILE *out, const void *at)
{
	fprintf(out, "%u", *(const uint16_t *)at);
}

static void print_user(FILE *out, const void *at)
{
	fprintf(out, "%u", *(const uint32_t *)at);
}

static void print_matched(FILE *out, enum matcher matcher, const struct subject *subject)
{
	static void (*const print[MATCHER_KINDS])(FILE *, const void *) = {
		[MATCHER_GLOBS] = print_text,
		[MATCHER_ROLE] = print_role,
		[MATCHER_NETWORKS] = print_address,
		[MATCHER_PORTS] = print_port,
		[MATCHER_USERS] = print_user,
	};
	const struct matcher_row *row = &matcher_table[matcher];
	const char *quote = row->kind == MATCHER_GLOBS && row->whole ? "'" : "";

	fputs(quote, out);
	print[row->kind](out, subject_of(subject, matcher));
	fputs(quote, out);
}

/* What of the flow the veto asked for: "port 502", "program sshd, role server". */
static void print_match(FILE *out, const struct match *match, const struct subject *subject)
{
	const char *comma = "";
	for (int matcher = 0; matcher < MATCHER_COUNT; matcher++) {
		if (!(match->named & (1u << matcher)))
			continue;
		fprintf(out, "%s%s ", comma, matcher_name[matcher]);
		print_matched(out, (enum matcher)matcher, subject);
		comma = ", ";
	}
}

static void print_would_be(FILE *out, const struct rule *rule)
{
	char place[512], text[64];
	problem_place(*rule->file ? rule->file : "built-in", rule->line, place, sizeof(place));
	fprintf(out, "  would be  %s  %s ", rule->name, place);
	for (size_t k = 0; k < rule->settings; k++) {
		int id = rule->setting[k].option;
		option_print(id, &rule->setting[k].value, text, sizeof(text));
		fprintf(out, " %s=%s", option_table[id].name, text);
	}
	fputs("\n", out);
}

static void print_veto(FILE *out, const struct outcome *outcome)
{
	const struct rule *veto = &outcome->set->rule[outcome->decision.veto];
	char place[512];
	problem_place(veto->file, veto->line, place, sizeof(place));
	fprintf(out, "%s%s%s  %s  ", text_bold(out), veto->name, text_plain(out), place);
	print_match(out, &veto->match, outcome->subject);
	fputs(": nothing applies to this flow\n", out);
	for (size_t i = outcome->set->count; i-- > 0;) {
		if (applies(&outcome->set->rule[i], outcome->subject))
			print_would_be(out, &outcome->set->rule[i]);
	}
}

static size_t find_end(const struct ruleset *set, const struct subject *subject)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->rule[i].last && applies(&set->rule[i], subject))
			return i + 1;
	}
	return set->count;
}

int outcome_show(FILE *out, const struct ruleset *set, const struct subject *subject)
{
	struct outcome outcome = {.set = set, .subject = subject, .end = find_end(set, subject)};
	size_t most = OPTION_COUNT;
	for (size_t i = 0; i < set->count; i++)
		most += set->rule[i].settings;
	rules_decide(set, subject, &outcome.decision);
	if (outcome.decision.veto != NO_RULE) {
		print_veto(out, &outcome);
		return 0;
	}
	outcome.row = calloc(most, sizeof(*outcome.row));
	if (!outcome.row)
		return -ENOMEM;
	for (int id = 0; id < OPTION_COUNT; id++)
		add_option(&outcome, id);
	if (outcome.rows)
		print_rows(out, &outcome);
	else
		fputs("no rule matches: nothing is set on this connection\n", out);
	free(outcome.row);
	return 0;
}
