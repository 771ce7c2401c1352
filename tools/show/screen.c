/* The report on one screen: who ran, the verdict, where the time went, findings by their seconds,
 * the program's dialect, what to do next. 80 columns; widths are of the words, not of a terminal.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/show/report.h"
#include "tools/show/text.h"
#include "tools/trace/fold_parts.h"

enum { BAR = 64, DIALECTS = 4 };

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void clock_text(uint64_t wall, char text[16])
{
	time_t when = (time_t)(wall / 1000000000);
	struct tm local;

	strcpy(text, "?");
	if (wall && localtime_r(&when, &local))
		strftime(text, 16, "%H:%M:%S", &local);
}

static bool is_full(const struct run *run)
{
	for (size_t p = 0; p < run->processes; p++)
		if (run->process[p].header.full)
			return true;
	return false;
}

/* What the recording itself took: the clock, read twice an event, and as much again. */
static uint64_t own_cost(const struct report *report)
{
	uint64_t ps = report->run->processes ? report->run->process[0].header.clock_cost : 0;

	return report->fold->events * (2 * ps + 20000) / 1000;
}

static void print_coverage(FILE *out, const struct report *report)
{
	const struct fold *fold = report->fold;
	double cost = seconds(own_cost(report));

	if (fold->coverage < 0)
		fprintf(out, "  the kernel's count of bytes was not seen (killed?)");
	else if (fold->coverage < 0.95)
		fprintf(out, "  SEEN ONLY %.0f %% of its TCP bytes: what follows is a lower bound",
			100 * fold->coverage);
	else
		fprintf(out, "  seen %.0f %% of its TCP bytes (kernel's count)",
			100 * (fold->coverage > 1 ? 1 : fold->coverage));
	fprintf(out, "   recording cost %.3f s\n", cost);
	if (is_full(report->run))
		fprintf(out,
			"  THE RECORDING IS CUT OFF: no room for more events (--limit); counts "
			"go on\n");
	if (report->run->refused)
		fprintf(out, "  %llu processes were NOT recorded: no room (--limit)\n",
			(unsigned long long)report->run->refused);
	if (report->run->unread)
		fprintf(out, "  %zu traces could NOT be read: %s\n", report->run->unread,
			report->run->unread_why);
}

static void print_head(FILE *out, const struct report *report)
{
	const struct run *run = report->run;
	const struct fold *fold = report->fold;
	char began[16], ended[16];

	clock_text(run->started_wall, began);
	clock_text(run->ended_wall, ended);
	fprintf(out, "sockfix report   %.34s   run %s  %s-%s\n", run->command, run->name, began,
		ended);
	fprintf(out,
		"  %.1f s wall   %zu process%s   %zu thread%s on sockets   %zu connection%s   "
		"%zu peer%s\n",
		seconds(fold->split.wall), run->processes, run->processes == 1 ? "" : "es",
		fold->socket_threads, plural(fold->socket_threads), fold->flows,
		plural(fold->flows), fold->endpoints, plural(fold->endpoints));
	print_coverage(out, report);
	if (run->rules && *run->rules)
		fprintf(out, "  with rules: %.60s\n", run->rules);
	fputc('\n', out);
}

static const struct finding *worst(const struct report *report)
{
	return report->findings->count ? &report->findings->finding[0] : NULL;
}

static void print_verdict(FILE *out, const struct report *report)
{
	const struct split *split = &report->fold->split;
	const char *bold = text_bold(out), *plain = text_plain(out);
	uint64_t lost = report_lost(report), bound = report->findings->bound;

	switch (report_verdict(report)) {
	case VERDICT_NOTHING:
		fprintf(out, "  %sIT IS NOT THE SOCKETS.%s No TCP connection was made.\n", bold,
			plain);
		break;
	case VERDICT_STALLED:
		fprintf(out, "  %sSTALLED.%s %.1f s of %.1f s (%.0f %%) go to what stands below.\n",
			bold, plain, seconds(lost), seconds(split->wall),
			percent(lost, split->wall));
		if (worst(report)->mend.set[0])
			fprintf(out,
				"  One rule mends the worst; expect about %.1f s instead of "
				"%.1f s.\n",
				seconds(split->wall -
					(worst(report)->lost_low + worst(report)->lost_high) / 2),
				seconds(split->wall));
		break;
	case VERDICT_SPIKES:
		fprintf(out, "  %sSPIKES.%s Most turns are fast; a few waited a second and more.\n",
			bold, plain);
		break;
	case VERDICT_NOT_SOCKETS:
		fprintf(out,
			"  %sIT IS NOT THE SOCKETS.%s No rule can win more than %.1f s of %.1f s "
			"(%.1f %%).\n",
			bold, plain, seconds(bound), seconds(split->wall),
			percent(bound, split->wall));
		break;
	case VERDICT_NOT_SURE:
		if (report->run->elsewhere)
			fprintf(out, "  %sNOT SURE.%s The work is elsewhere: %s\n", bold, plain,
				report->run->elsewhere);
		else
			fprintf(out,
				"  %sNOT SURE.%s Between 0 s and %.1f s of %.1f s look like a "
				"stall.\n",
				bold, plain, seconds(bound), seconds(split->wall));
		break;
	case VERDICT_MENDED:
		fprintf(out,
			"  %sMENDED.%s With these rules nothing of note is left: at most %.1f s "
			"of %.1f s.\n",
			bold, plain, seconds(bound), seconds(split->wall));
		break;
	}
	fputc('\n', out);
}

static size_t cells(uint64_t part, uint64_t wall)
{
	return wall ? (size_t)((double)part / (double)wall * BAR + 0.5) : 0;
}

static void print_bar(FILE *out, const struct split *split)
{
	char bar[BAR + 1];
	size_t at = 0;
	const struct {
		uint64_t ns;
		char letter;
	} part[] = {{split->program, '='}, {split->thinking, '>'}, {split->stalled, '#'},
		{split->other, '.'}};

	memset(bar, '.', BAR);
	bar[BAR] = '\0';
	for (size_t i = 0; i < 4; i++)
		for (size_t n = cells(part[i].ns, split->wall); n > 0 && at < BAR; n--)
			bar[at++] = part[i].letter;
	fprintf(out, "  |%s|\n", bar);
	fprintf(out,
		"   = in the program %.1f s   > peer thinking %.1f s   # stalled %.1f s\n"
		"   . connect, names, close %.1f s\n\n",
		seconds(split->program), seconds(split->thinking), seconds(split->stalled),
		seconds(split->other));
}

static void lost_text(const struct finding *finding, char text[24])
{
	if (finding->sure == SURE_PROVEN)
		snprintf(text, 24, "%.1f s", seconds(finding->lost_high));
	else
		snprintf(text, 24, "%.1f-%.1f s", seconds(finding->lost_low),
			seconds(finding->lost_high));
}

static void print_finding(FILE *out, const struct report *report, const struct finding *finding)
{
	char lost[24], left[64];
	const char *peer = finding->endpoint < report->fold->endpoints
				   ? report->fold->endpoint[finding->endpoint].text
				   : "-";

	lost_text(finding, lost);
	snprintf(left, sizeof(left), "%13s %5.1f  %-8s %-4s  %-6s", lost,
		percent(finding->lost_high, report->fold->split.wall), sure_name(finding->sure),
		finding->code->name, fix_name(finding->fix));
	fprintf(out, "%s  %s\n%45s%s\n", left, peer, "", finding->what);
}

static void print_findings(FILE *out, const struct report *report)
{
	size_t minor = 0, shown = 0;

	for (size_t i = 0; i < report->findings->count; i++) {
		const struct finding *finding = &report->findings->finding[i];

		if (finding->minor && !report->all) {
			minor++;
			continue;
		}
		if (shown++ == 0)
			fprintf(out, "         LOST  %%RUN  SURE     CODE  FIX     PEER, WHAT\n");
		print_finding(out, report, finding);
	}
	if (minor)
		fprintf(out, "    + %zu minor: --all\n", minor);
	if (shown || minor)
		fprintf(out, "   (%%RUN is of %.1f s wall%s)\n\n",
			seconds(report->fold->split.wall),
			report->run->processes > 1 ? "; seconds of several processes add up" : "");
}

static void print_innocents(FILE *out, const struct report *report)
{
	enum verdict_word verdict = report_verdict(report);

	if (verdict != VERDICT_NOT_SOCKETS && verdict != VERDICT_MENDED && !report->all)
		return;
	for (size_t i = 0; i < report->findings->innocents; i++)
		fprintf(out, "  %-17s %s\n", report->findings->innocent[i].label,
			report->findings->innocent[i].why);
	if (report->findings->innocents)
		fputc('\n', out);
}

static void print_dialect(FILE *out, const struct report *report)
{
	const struct fold *fold = report->fold;
	int shown = 0;

	for (size_t i = 0; i < fold->signatures && shown < DIALECTS; i++) {
		const struct signature *signature = &fold->signature[i];

		if (signature->part_of != UINT32_MAX || signature->count == 0)
			continue;
		fprintf(out, "  %s %s   x%llu   %.1f ms each\n",
			shown++ ? "             " : "its dialect: ", signature->text,
			(unsigned long long)signature->count,
			(double)signature->wait / 1e6 / (double)signature->count);
	}
	if (shown)
		fputc('\n', out);
}

static bool has_rule(const struct report *report)
{
	for (size_t i = 0; i < report->findings->count; i++)
		if (report->findings->finding[i].mend.set[0] && !report->findings->finding[i].minor)
			return true;
	return false;
}

static void print_next(FILE *out, const struct report *report)
{
	const struct finding *first = worst(report);

	if (has_rule(report))
		fprintf(out,
			"  next  sockfix suggest %s > my.conf     the rules, as a file\n"
			"        sockfix run -r my.conf -- COMMAND\n",
			report->directory);
	if (first)
		fprintf(out, "%s sockfix report %s %s     the evidence, one turn in full\n",
			has_rule(report) ? "       " : "  next ", first->code->name,
			report->directory);
	else
		fprintf(out, "  next  sockfix list codes     what it looks for\n");
}

void screen_print(FILE *out, const struct report *report)
{
	print_head(out, report);
	print_verdict(out, report);
	if (report->fold->flows)
		print_bar(out, &report->fold->split);
	print_findings(out, report);
	print_innocents(out, report);
	print_dialect(out, report);
	print_next(out, report);
}
