/* One finding in full: a typical turn with its times, the distribution, the seconds and how they
 * were computed, the rule, the runner-up and its price, the risk. */
#include <string.h>

#include "tools/base/plural.h"
#include "tools/show/report.h"
#include "tools/base/text.h"
#include "tools/base/units.h"

enum { LABEL = 13 };

const char *sure_name(enum sure sure)
{
	static const char *const name[] = {"proven", "likely", "possible"};

	return name[sure];
}

const char *fix_name(enum fix fix)
{
	static const char *const name[] = {"-", "rule", "app", "peer", "system", "prove"};

	return name[fix];
}

const char *finding_peer(const struct report *report, const struct finding *finding)
{
	const struct fold *fold = report->fold;

	return finding->endpoint < fold->endpoints ? fold->endpoint[finding->endpoint].text : "-";
}

/* "50 segments and 3 calls"; what it does not save is not said. */
static void print_saved(FILE *out, const struct finding *finding)
{
	const uint64_t segments = finding->saved_segments, calls = finding->saved_calls;
	char a[UNITS], b[UNITS], text[160] = "the mend also saves ";
	size_t used = strlen(text);

	if (!segments && !calls)
		return;
	if (segments)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s segment%s%s",
			units_count(a, segments), plural(segments), calls ? " and " : "");
	if (calls)
		snprintf(text + used, sizeof(text) - used, "%s call%s", units_count(b, calls),
			plural(calls));
	text_item(out, "  and", LABEL, text);
}

static void print_seconds(FILE *out, const struct report *report, const struct finding *finding)
{
	char a[UNITS], b[UNITS], c[UNITS], d[UNITS], text[160];
	const uint64_t whole = report->verdict.whole;

	if (!finding->lost_high && finding->others_ns)
		snprintf(text, sizeof(text), "none of this run's seconds; its clients about %s",
			units_seconds(a, finding->others_ns));
	else if (!finding->lost_high)
		snprintf(text, sizeof(text), "no seconds");
	else if (finding->sure == SURE_PROVEN)
		snprintf(text, sizeof(text), "%s of %s (%.1f %%)",
			units_seconds(a, finding->lost_high), units_seconds(b, whole),
			units_percent(finding->lost_high, whole));
	else
		snprintf(text, sizeof(text), "%s to %s of %s (up to %.1f %%)",
			finding->lost_low ? units_bare_seconds(c, finding->lost_low) : "0",
			units_seconds(a, finding->lost_high), units_seconds(b, whole),
			units_percent(finding->lost_high, whole));
	text_item(out, "  lost", LABEL, text);
	text_item(out, "  computed", LABEL, finding->how);
	if (finding->max) {
		snprintf(text, sizeof(text), "p5 %s, p50 %s, p95 %s, max %s",
			units_time(a, finding->p5), units_time(b, finding->p50),
			units_time(c, finding->p95), units_time(d, finding->max));
		text_item(out, "  waits", LABEL, text);
	}
	print_saved(out, finding);
}

static void print_fix(FILE *out, const struct finding *finding)
{
	if (*finding->mend.set) {
		text_item(out, "  fix", LABEL, "a rule:");
		mend_print(out, &finding->mend, 4, text_width(out));
	} else if (finding->fix != FIX_NONE) {
		text_item(out, "  fix", LABEL, fix_name(finding->fix));
	}
	if (*finding->no_rule)
		text_item(out, "", LABEL, finding->no_rule);
	if (*finding->second.set) {
		text_item(out, "  or", LABEL, finding->second_price);
		mend_print(out, &finding->second, 4, text_width(out));
	}
	text_item(out, "  risk", LABEL, finding->code->not_when);
}

void finding_print(FILE *out, const struct report *report, const struct finding *finding)
{
	const struct fold *fold = report->fold;
	char text[200], a[UNITS], b[UNITS];

	fprintf(out, "%s%s%s ", text_bold(out), finding->code->name, text_plain(out));
	text_sentences(out, strlen(finding->code->name) + 1, "%s", finding->code->title);
	fputc('\n', out);
	if (finding->endpoint < fold->endpoints) {
		const struct endpoint *endpoint = &fold->endpoint[finding->endpoint];
		snprintf(text, sizeof(text), "%s, %s connection%s", endpoint->text,
			units_count(a, endpoint->connections), plural(endpoint->connections));
		text_item(out, "  at", LABEL, text);
	}
	text_item(out, "  seen", LABEL, finding->what);
	snprintf(text, sizeof(text), "%s (%s of %s)", sure_name(finding->sure),
		units_count(a, finding->hits), units_count(b, finding->of));
	text_item(out, "  sure", LABEL, text);
	if (finding->flow && finding->turn.steps)
		excerpt_print(out, report, finding);
	print_seconds(out, report, finding);
	print_fix(out, finding);
	snprintf(text, sizeof(text), "sockfix explain %s", finding->code->name);
	text_item(out, "  more", LABEL, text);
}
