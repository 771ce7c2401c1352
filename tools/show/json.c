/* The report as JSON: the same verdict and findings as the screen's. Version 1; a member may come,
 * none changes its meaning. Times are in nanoseconds. */
#include <jansson.h>

#include "tools/show/report.h"

static const char *const verdict_text[] = {
	"NOTHING", "STALLED", "SPIKES", "IT IS NOT THE SOCKETS", "NOT SURE", "MENDED"};

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *mend_object(const struct mend *mend)
{
	return mend->set[0] ? json_pack("{s:s,s:s,s:s,s:b}", "name", mend->name, "match",
				      mend->match, "set", mend->set, "force", mend->force)
			    : json_null();
}

static json_t *finding_object(const struct report *report, const struct finding *finding)
{
	const char *peer = finding->endpoint < report->fold->endpoints
				   ? report->fold->endpoint[finding->endpoint].text
				   : "";

	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:o,s:s}", "code",
		finding->code->name, "peer", peer, "sure", sure_name(finding->sure), "fix",
		fix_name(finding->fix), "what", finding->what, "lost_low",
		number(finding->lost_low), "lost_high", number(finding->lost_high), "hits",
		number(finding->hits), "of", number(finding->of), "p50", number(finding->p50),
		"max", number(finding->max), "minor", finding->minor, "rule",
		mend_object(&finding->mend), "no_rule", finding->no_rule);
}

static json_t *split_object(const struct split *split)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o}", "wall", number(split->wall), "program",
		number(split->program), "thinking", number(split->thinking), "stalled",
		number(split->stalled), "other", number(split->other));
}

bool json_print(FILE *out, const struct report *report)
{
	json_t *findings = json_array(), *innocents = json_array(), *root;
	bool printed;

	for (size_t i = 0; i < report->findings->count; i++)
		json_array_append_new(
			findings, finding_object(report, &report->findings->finding[i]));
	for (size_t i = 0; i < report->findings->innocents; i++)
		json_array_append_new(innocents,
			json_pack("{s:s,s:s}", "label", report->findings->innocent[i].label, "why",
				report->findings->innocent[i].why));
	root = json_pack("{s:i,s:s,s:s,s:s,s:s,s:o,s:f,s:o,s:o,s:o,s:o}", "version", 1, "sockfix",
		SOCKFIX_VERSION, "run", report->run->name, "command", report->run->command,
		"verdict", verdict_text[report_verdict(report)], "split",
		split_object(&report->fold->split), "coverage", report->fold->coverage, "bound",
		number(report->findings->bound), "connections", number(report->fold->flows),
		"findings", findings, "innocents", innocents);
	printed = root && json_dumpf(root, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;
	json_decref(root);
	return printed;
}
