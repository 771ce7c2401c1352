/* What was seen by looking, as JSON: the same as on the screen. The schema is look.schema.json; a
 * member may come with any version, none changes its meaning. */
#include "tools/base/ip_text.h"
#include "tools/show/json_values.h"
#include "tools/show/looked.h"
#include "tools/show/report.h"

#define LOOK_VERSION 1

static json_t *share_object(const struct share *share)
{
	return json_pack("{s:f,s:f}", "low", share->low, "high", share->high);
}

static json_t *rule_object(const struct mend *mend)
{
	if (!*mend->set)
		return json_null();
	return json_pack("{s:o,s:o,s:o,s:b}", "name", text(mend->name), "match", text(mend->match),
		"set", text(mend->set), "force", mend->force);
}

static json_t *finding_object(const struct sampled_finding *finding, double all_ns)
{
	return json_pack("{s:s,s:s,s:b,s:b,s:o,s:s,s:s,s:o,s:o,s:o,s:o,s:{s:o,s:o},s:o,s:o,s:o}",
		"code", finding->code->name, "title", finding->code->title, "sampled", true,
		"minor", finding->minor, "peer", text(finding->peer), "sure",
		sure_name(finding->sure), "fix", fix_name(finding->fix), "connections",
		number(finding->connections), "hits", number(finding->hits), "of",
		number(finding->of), "share", share_object(&finding->share), "lost_ns", "low",
		number((uint64_t)(finding->share.low * all_ns)), "high",
		number((uint64_t)(finding->share.high * all_ns)), "what", text(finding->what),
		"rule", rule_object(&finding->mend), "no_rule",
		text(*finding->no_rule ? finding->no_rule : NULL));
}

static json_t *findings_list(const struct looked *looked)
{
	const double all = (double)looked_ns(looked->observed);
	json_t *list = json_array();

	for (size_t i = 0; i < looked->sampled.count; i++)
		json_array_append_new(list, finding_object(&looked->sampled.finding[i], all));
	return list;
}

static json_t *process_object(const struct looked *looked)
{
	const struct observed *observed = looked->observed;
	const struct who *who = &observed->who;
	const struct sampled *sampled = &looked->sampled;

	return json_pack("{s:i,s:o,s:o,s:o,s:o,s:s,s:b,s:o,s:o,s:o,s:o,s:o,s:s,s:o,s:o}", "pid",
		(int)who->pid, "name", text(who->name), "command", text(who->command), "user",
		text(who->user), "unit", text(*who->unit ? who->unit : NULL), "way",
		observed->kernel >= 0 || observed->together ? "listed" : "borrowed", "ended",
		observed->ended, "wall_ns", number(looked_ns(observed)), "looks",
		number(observed->looks), "connections", number(sampled->connections), "busy",
		number(sampled->busy), "listeners", number(sampled->listeners), "verdict",
		verdict_name(sampled->word), "missed", share_object(&sampled->none), "findings",
		findings_list(looked));
}

static json_t *processes_list(const struct looked *looked, size_t count)
{
	json_t *processes = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(processes, process_object(&looked[i]));
	return processes;
}

static json_t *over_list(const struct looked_all *all)
{
	json_t *list = json_array();
	char peer[64];

	for (size_t i = 0; i < all->overs; i++) {
		ip_text_endpoint(peer, all->over[i].peer, all->over[i].port);
		json_array_append_new(
			list, json_pack("{s:s,s:o,s:o}", "code", "C04", "peer", text(peer),
				      "connections", number(all->over[i].count)));
	}
	return list;
}

bool looked_print_json(FILE *out, const struct watch *watch, const struct looked_all *all)
{
	json_t *nameless = all->nameless.observed ? process_object(&all->nameless) : json_null();
	json_t *root = json_pack("{s:s,s:i,s:s,s:o,s:o,s:b,s:b,s:o,s:o,s:o}", "format",
		"sockfix-look", "version", LOOK_VERSION, "sockfix", SOCKFIX_VERSION, "wall_ns",
		number(watch->took), "cost_ns", number(watch->cost), "stopped", watch->stopped,
		"all", watch->everyone != NULL, "processes",
		processes_list(all->process, all->count), "nameless", nameless, "over",
		over_list(all));
	const bool printed =
		root && json_dumpf(root, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;

	json_decref(root);
	return printed;
}
