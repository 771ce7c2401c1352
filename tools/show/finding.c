/* One finding in full: a typical turn with its times, the distribution, the seconds and how they
 * were computed, the rule, the runner-up. */
#include "tools/show/report.h"
#include "tools/show/text.h"
#include "tools/trace/run.h"

enum { STEPS = 12 };

static double ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

static void print_turn(FILE *out, const struct flow_fold *flow, const struct turn *turn)
{
	uint64_t zero = flow->step[turn->first].begin;

	fputs("  one such turn\n", out);
	for (size_t s = 0; s < turn->steps && s < STEPS; s++) {
		const struct step *step = &flow->step[turn->first + s];

		fprintf(out, "   | %8.2f ms  %-8s %6u B", ms(step->begin - zero),
			call_name(step->call), step->done);
		if (step->end - step->begin > 1000000)
			fprintf(out, "   took %.1f ms%s", ms(step->end - step->begin),
				step->writes ? "" : "   <-- waited here");
		if (step->flags & EVENT_PROVEN)
			fputs("   HELD by the kernel", out);
		if (step->flags & EVENT_HELD)
			fputs("   joined to the next by sockfix", out);
		fputc('\n', out);
	}
	if (turn->steps > STEPS)
		fprintf(out, "   | ... and %zu more\n", turn->steps - STEPS);
}

static void print_seconds(FILE *out, const struct finding *finding, uint64_t wall)
{
	if (finding->sure == SURE_PROVEN)
		fprintf(out, "  lost       %.2f s", (double)finding->lost_high / 1e9);
	else
		fprintf(out, "  lost       %.2f to %.2f s", (double)finding->lost_low / 1e9,
			(double)finding->lost_high / 1e9);
	fprintf(out, ", %.1f %% of the run\n",
		wall ? 100.0 * (double)finding->lost_high / (double)wall : 0);
	if (*finding->how)
		text_item(out, "  computed", 13, finding->how);
	if (finding->max)
		fprintf(out, "  waits      p5 %.2f  p50 %.2f  p95 %.2f  max %.2f ms\n",
			ms(finding->p5), ms(finding->p50), ms(finding->p95), ms(finding->max));
}

void finding_print(FILE *out, const struct report *report, const struct finding *finding)
{
	const struct fold *fold = report->fold;

	fprintf(out, "%s%s%s  %s\n", text_bold(out), finding->code->name, text_plain(out),
		finding->code->title);
	if (finding->endpoint < fold->endpoints)
		fprintf(out, "  at         %s, %zu connections\n",
			fold->endpoint[finding->endpoint].text,
			fold->endpoint[finding->endpoint].connections);
	text_item(out, "  seen", 13, finding->what);
	if (finding->flow && finding->turn)
		print_turn(out, finding->flow, finding->turn);
	print_seconds(out, finding, fold->split.wall);
	fprintf(out, "  sure       %s\n", sure_name(finding->sure));
	if (finding->mend.set[0]) {
		fputs("  fix        a rule:\n", out);
		mend_print(out, &finding->mend, 4);
	}
	if (*finding->no_rule)
		text_item(out, finding->mend.set[0] ? "  but" : "  fix", 13, finding->no_rule);
	if (finding->second.set[0]) {
		text_item(out, "  or", 13, finding->second_price);
		mend_print(out, &finding->second, 4);
	}
	text_item(out, "  risk", 13, finding->code->not_when);
	fprintf(out, "  read       sockfix explain %s\n", finding->code->name);
}
