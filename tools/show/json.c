/* The report as JSON: the same verdict and findings as the screen's, minor ones included. The
 * schema is report.schema.json; a member may come with any version, none changes its meaning. */
#include <ctype.h>

#include "tools/find/ours.h"
#include "tools/show/in_force.h"
#include "tools/show/json_values.h"
#include "tools/show/json_views.h"
#include "tools/show/report.h"

#define REPORT_VERSION 1

static json_t *mend_object(const struct mend *mend)
{
	if (!*mend->set)
		return json_null();
	return json_pack("{s:o,s:o,s:o,s:b}", "name", text(mend->name), "match", text(mend->match),
		"set", text(mend->set), "force", mend->force);
}

static json_t *finding_object(const struct report *report, const struct finding *finding)
{
	const bool placed = finding->endpoint < report->fold->endpoints;
	json_t *object = json_pack("{s:o,s:o,s:o,s:s,s:s,s:b,s:o,s:o,s:o,s:o}", "code",
		text(finding->code->name), "title", text(finding->code->title), "peer",
		text(placed ? report->fold->endpoint[finding->endpoint].text : NULL), "sure",
		sure_name(finding->sure), "fix", fix_name(finding->fix), "minor", finding->minor,
		"what", text(finding->what), "how", text(finding->how), "hits",
		number(finding->hits), "of", number(finding->of));

	if (!object)
		return json_null();
	json_object_set_new(object, "lost_ns",
		json_pack("{s:o,s:o}", "low", number(finding->lost_low), "high",
			number(finding->lost_high)));
	json_object_set_new(object, "wait_ns",
		json_pack("{s:o,s:o,s:o,s:o}", "p5", number(finding->p5), "p50",
			number(finding->p50), "p95", number(finding->p95), "max",
			number(finding->max)));
	json_object_set_new(object, "others_ns", number(finding->others_ns));
	json_object_set_new(object, "saved_segments", number(finding->saved_segments));
	json_object_set_new(object, "saved_calls", number(finding->saved_calls));
	json_object_set_new(object, "rule", mend_object(&finding->mend));
	json_object_set_new(object, "second", mend_object(&finding->second));
	json_object_set_new(object, "no_rule", text(*finding->no_rule ? finding->no_rule : NULL));
	return object;
}

static json_t *findings_list(const struct report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->findings->count; i++)
		json_array_append_new(list, finding_object(report, &report->findings->finding[i]));
	return list;
}

static json_t *innocents_list(const struct findings *findings)
{
	json_t *list = json_array();

	for (size_t i = 0; i < findings->innocents; i++)
		json_array_append_new(
			list, json_pack("{s:o,s:o}", "label", text(findings->innocent[i].label),
				      "why", text(findings->innocent[i].why)));
	return list;
}

/* "nodelay" */
static json_t *word_of(enum trace_given_up why)
{
	char word[32] = "";

	for (size_t i = 0; i + 1 < sizeof(word) && given_up_word(why)[i]; i++)
		word[i] = (char)tolower((unsigned char)given_up_word(why)[i]);
	return json_string(word);
}

static json_t *given_up_list(const struct ours *ours)
{
	json_t *list = json_array();

	for (unsigned why = GIVEN_UP_NOT + 1; why < GIVEN_UP_COUNT; why++)
		if (ours->given_up[why])
			json_array_append_new(
				list, json_pack("{s:o,s:s,s:o}", "reason", word_of(why), "why",
					      given_up_reason(why), "connections",
					      number(ours->given_up[why])));
	return list;
}

static json_t *set_list(const struct ours *ours)
{
	json_t *list = json_array();

	for (int id = 0; id < OPTION_COUNT; id++)
		if (ours->set[id])
			json_array_append_new(
				list, json_pack("{s:s,s:o}", "option", option_table[id].name,
					      "connections", number(ours->set[id])));
	return list;
}

static json_t *ours_object(const struct fold *fold, uint32_t endpoint)
{
	const struct ours ours = ours_of(fold, endpoint);

	return json_pack("{s:o,s:o,s:o,s:o,s:{s:o,s:o,s:o},s:{s:o,s:o},s:o,s:o}", "held",
		number(ours.held), "late", number(ours.late), "late_ns", number(ours.late_ns),
		"slow_ns", number(ours.slow_ns), "acks", "learnt", number(ours.acks_learnt),
		"dropped", number(ours.acks_dropped), "won", number(ours.acks_won), "nagle", "kept",
		number(ours.nagle_kept), "waited", number(ours.nagle_waited), "set",
		set_list(&ours), "given_up", given_up_list(&ours));
}

static json_t *endpoints_list(const struct fold *fold)
{
	json_t *list = json_array();

	for (uint32_t e = 0; e < fold->endpoints; e++) {
		const struct endpoint *endpoint = &fold->endpoint[e];
		json_array_append_new(list,
			json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "peer", text(endpoint->text),
				"connections", number(endpoint->connections), "turns",
				number(endpoint->turns), "wait_p50_ns", number(endpoint->wait_p50),
				"wait_p99_ns", number(endpoint->wait_p99), "wait_max_ns",
				number(endpoint->wait_max), "min_rtt_ns", number(endpoint->min_rtt),
				"ours", ours_object(fold, e)));
	}
	return list;
}

static json_t *dialect_list(const struct fold *fold)
{
	json_t *list = json_array();

	for (size_t s = 0; s < fold->signatures; s++) {
		const struct signature *signature = &fold->signature[s];
		if (signature->part_of != UINT32_MAX)
			continue;
		json_array_append_new(list,
			json_pack("{s:o,s:o,s:o,s:o}", "peer",
				text(signature->endpoint < fold->endpoints
						? fold->endpoint[signature->endpoint].text
						: NULL),
				"turn", text(signature->text), "count", number(signature->count),
				"wait_ns", number(signature->wait)));
	}
	return list;
}

static json_t *around_list(const struct run *run)
{
	static const char *const how[] = {"", "calls", "constructors", "namespace"};
	json_t *list = json_array();

	for (size_t i = 0; i < run->arounds; i++)
		json_array_append_new(
			list, json_pack("{s:o,s:s}", "object", text(run->around[i].object), "how",
				      how[run->around[i].way]));
	return list;
}

static json_t *bypass_object(const struct run_bypass *bypass)
{
	return json_pack("{s:I,s:I,s:I,s:o}", "connections", (json_int_t)bypass->connections,
		"sent", (json_int_t)bypass->sent, "received", (json_int_t)bypass->received,
		"programs", text(bypass->names));
}

/* By their names; none of those that this version cannot read. */
static json_t *rule_names(const char *line)
{
	struct in_force rules = in_force_take(line);
	json_t *list = json_array();

	for (size_t i = 0; i < rules.set.count; i++)
		json_array_append_new(list, text(rules.set.rule[i].name));
	in_force_free(&rules);
	return list;
}

/* null: it was recorded. */
static json_t *imported_object(const struct run_imported *imported)
{
	if (!imported->what)
		return json_null();
	return json_pack("{s:o,s:o,s:o,s:o,s:b}", "what", text(imported->what), "file",
		text(imported->file), "about", text(imported->about), "lacks",
		text(imported->lacks), "partly", imported->partly != 0);
}

static json_t *run_object(const struct run *run, const struct fold *fold)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:i,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
		"name", text(run->name), "command", text(run->command), "rules",
		text(*run->rules ? run->rules : NULL), "rule_names", rule_names(run->rules),
		"started_ns", number(run->started_wall), "ended_ns", number(run->ended_wall),
		"status", run->status, "elsewhere", text(run->elsewhere), "processes",
		number(run->processes), "not_recorded",
		number(run->refused + run->barred + run->unread + run->missing + run->confined),
		"not_watched", number(run->unseen), "around", around_list(run), "running",
		number(run->living), "connections", number(fold->flows), "bypass",
		bypass_object(&run->bypass), "imported", imported_object(&run->imported));
}

static json_t *split_object(const struct split *split)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "wall", number(split->wall), "program",
		number(split->program), "thinking", number(split->thinking), "stalled",
		number(split->stalled), "other", number(split->other), "names",
		number(split->names), "unseen", number(split->unseen));
}

/* Who is not sure promises nothing. */
static json_t *bound(const struct report *report)
{
	return report->verdict.word == VERDICT_NOT_SURE ? json_null()
							: number(report->findings->bound);
}

bool json_print(FILE *out, const struct report *report)
{
	const struct fold *fold = report->fold;
	json_t *root = json_pack("{s:s,s:i,s:s,s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
		"format", "sockfix-report", "version", REPORT_VERSION, "sockfix", SOCKFIX_VERSION,
		"run", run_object(report->run, fold), "verdict", verdict_name(report->verdict.word),
		"coverage", fold->coverage < 0 ? json_null() : json_real(fold->coverage),
		"split_ns", split_object(&fold->split), "whole_ns", number(report->verdict.whole),
		"lost_ns", number(report->verdict.lost), "bound_ns", bound(report), "ours",
		ours_object(fold, OURS_OF_ALL), "findings", findings_list(report), "innocents",
		innocents_list(report->findings), "endpoints", endpoints_list(fold), "dialect",
		dialect_list(fold));
	if (root)
		json_views_add(root, report);
	const bool printed =
		root && json_dumpf(root, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;

	json_decref(root);
	return printed;
}
