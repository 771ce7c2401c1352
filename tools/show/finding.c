/* One finding in full: a typical turn with its times, the distribution, the seconds and how they
 * were computed, the rule, the runner-up and its price, the risk. */
#include <string.h>

#include "tools/plural.h"
#include "tools/show/report.h"
#include "tools/show/text.h"
#include "tools/show/units.h"

enum { STEPS = 12, LABEL = 13 };

static void print_step(FILE *out, const struct turn *turn, const struct step *step, uint64_t zero)
{
	char at[UNITS], took[UNITS];
	const uint64_t took_ns = step->end - step->begin;
	const bool answer = !step->writes && step->end == turn->answered && turn->wait >= 1000000;

	fprintf(out, "    %10s ms  %-9s %8u B",
		units_ms(at, step->begin > zero ? step->begin - zero : 0), call_name(step->call),
		step->done);
	if (answer)
		fprintf(out, "   <-- the answer, after %s", units_time(took, turn->wait));
	else if (took_ns >= 1000000)
		fprintf(out, "   took %s", units_time(took, took_ns));
	if (step->error)
		fprintf(out, "   %s",
			strerrorname_np(step->error) ? strerrorname_np(step->error) : "?");
	if (step->flags & EVENT_PROVEN)
		fputs("   HELD by the kernel", out);
	if (step->flags & EVENT_HELD)
		fputs("   joined to the next by sockfix", out);
	fputc('\n', out);
}

static void print_turn(FILE *out, const struct report *report, const struct finding *finding)
{
	const struct turn *turn = finding->turn;
	const struct flow_fold *flow = finding->flow;
	const uint64_t zero = flow->step[turn->first].begin, began = report->fold->run->began;
	char at[UNITS];

	fprintf(out, "\n  one such turn, %s into the run, connection %u of process %d\n",
		units_seconds(at, zero > began ? zero - began : 0), flow->connection->number,
		flow->process->header.pid);
	for (size_t s = 0; s < turn->steps && s < STEPS; s++)
		print_step(out, turn, &flow->step[turn->first + s], zero);
	if (turn->steps > STEPS)
		fprintf(out, "    ... and %zu more\n", turn->steps - STEPS);
	fputc('\n', out);
}

static void print_seconds(FILE *out, const struct report *report, const struct finding *finding)
{
	char a[UNITS], b[UNITS], c[UNITS], d[UNITS], text[160];
	const uint64_t whole = report_whole(report);

	if (!finding->lost_high)
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
	if (finding->saved_segments || finding->saved_calls) {
		snprintf(text, sizeof(text), "the mend also saves %s segment%s and %s call%s",
			units_count(a, finding->saved_segments), plural(finding->saved_segments),
			units_count(b, finding->saved_calls), plural(finding->saved_calls));
		text_item(out, "  and", LABEL, text);
	}
}

static void print_fix(FILE *out, const struct finding *finding)
{
	if (*finding->mend.set) {
		text_item(out, "  fix", LABEL, "a rule:");
		mend_print(out, &finding->mend, 4);
	} else if (finding->fix != FIX_NONE) {
		text_item(out, "  fix", LABEL, fix_name(finding->fix));
	}
	if (*finding->no_rule)
		text_item(out, "", LABEL, finding->no_rule);
	if (*finding->second.set) {
		text_item(out, "  or", LABEL, finding->second_price);
		mend_print(out, &finding->second, 4);
	}
	text_item(out, "  risk", LABEL, finding->code->not_when);
}

void finding_print(FILE *out, const struct report *report, const struct finding *finding)
{
	const struct fold *fold = report->fold;
	char text[200], a[UNITS], b[UNITS];

	fprintf(out, "%s%s%s  %s\n\n", text_bold(out), finding->code->name, text_plain(out),
		finding->code->title);
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
	if (finding->flow && finding->turn && finding->turn->steps)
		print_turn(out, report, finding);
	print_seconds(out, report, finding);
	print_fix(out, finding);
	snprintf(text, sizeof(text), "sockfix explain %s", finding->code->name);
	text_item(out, "  more", LABEL, text);
}
