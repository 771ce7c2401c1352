/* The first word of the screen, and the words that stand for enumerations. Judges by what findings
 * say, and prints nothing. */
#include <string.h>

#include "rules/option.h"
#include "tools/base/plural.h"
#include "tools/show/report.h"
#include "tools/base/text.h"
#include "tools/base/units.h"

/* No ACK is delayed by less, ns (TCP_DELACK_MIN is 40 ms). */
#define NO_DELAYED_ACK UINT64_C(30000000)

const char *verdict_name(enum verdict_word verdict)
{
	static const char *const name[] = {"STALLED", "SPIKES", "BUSY", "PEER IS SLOW", "NAMES",
		"STALLED", "OTHERS PAY", "IT IS NOT THE SOCKETS", "NOT SURE", "MENDED"};

	return name[verdict];
}

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

bool finding_is_place(const struct finding *finding)
{
	return finding->code->sort == SORT_PLACE;
}

bool finding_is_loud(const struct finding *finding)
{
	return !finding->minor && !finding_is_place(finding) && finding->sure != SURE_POSSIBLE &&
	       finding->lost_high > 0;
}

bool finding_is_ours(const struct finding *finding)
{
	return finding->code->sort == SORT_OURS;
}

bool finding_wants_proof(const struct finding *finding)
{
	return *finding->mend.set && finding->sure != SURE_PROVEN && finding->lost_high > 0 &&
	       finding->code->sort != SORT_CPU;
}

const char *finding_peer(const struct report *report, const struct finding *finding)
{
	const struct fold *fold = report->fold;

	return finding->endpoint < fold->endpoints ? fold->endpoint[finding->endpoint].text : "-";
}

uint64_t report_whole(const struct report *report)
{
	const struct run *run = report->run;
	uint64_t sum = 0;

	for (size_t p = 0; p < run->processes; p++)
		if (run->process[p].connections && run->process[p].ended > run->process[p].began)
			sum += run->process[p].ended - run->process[p].began;
	return run->processes > 1 && sum ? sum : report->fold->split.wall;
}

uint64_t report_lost(const struct report *report)
{
	const uint64_t whole = report_whole(report);
	uint64_t lost = 0;

	for (size_t i = 0; i < report->findings->count; i++)
		if (finding_is_loud(&report->findings->finding[i]))
			lost += report->findings->finding[i].lost_high;
	return lost < whole ? lost : whole;
}

uint64_t report_possible(const struct report *report)
{
	const uint64_t whole = report_whole(report);
	uint64_t lost = 0;

	for (size_t i = 0; i < report->findings->count; i++) {
		const struct finding *finding = &report->findings->finding[i];
		if (finding->sure == SURE_POSSIBLE && !finding->minor && finding->fix != FIX_APP &&
			finding->code->sort != SORT_CPU)
			lost += finding->lost_high;
	}
	return lost < whole ? lost : whole;
}

const struct finding *report_loudest(const struct report *report)
{
	for (size_t i = 0; i < report->findings->count; i++)
		if (finding_is_loud(&report->findings->finding[i]))
			return &report->findings->finding[i];
	return NULL;
}

const struct finding *report_others(const struct report *report)
{
	for (size_t i = 0; i < report->findings->count; i++) {
		const struct finding *finding = &report->findings->finding[i];
		if (finding->others && !finding->minor && finding->sure == SURE_PROVEN)
			return finding;
	}
	return NULL;
}

/* What seconds go to that nobody waits for in a stall. */
static enum verdict_word word_of(const struct finding *finding)
{
	static const enum verdict_word word[] = {[SORT_STALL] = VERDICT_STALLED,
		[SORT_CPU] = VERDICT_STALLED,
		[SORT_BUSY] = VERDICT_BUSY,
		[SORT_PEER] = VERDICT_PEER,
		[SORT_NAMES] = VERDICT_NAMES,
		[SORT_OURS] = VERDICT_STALLED,
		[SORT_PLACE] = VERDICT_STALLED};

	return word[finding->code->sort];
}

/* A few that took very long among many that did not. Of our late holds it is not known which these
 * are. */
static bool is_spike(const struct report *report, const struct finding *finding)
{
	return finding->hits && finding->hits * 20 < finding->of && !finding_is_ours(finding) &&
	       finding->endpoint < report->fold->endpoints &&
	       endpoint_has_spikes(report, finding->endpoint);
}

/* Nothing that could be judged: why, in a sentence; NULL where there is. */
const char *report_cannot_judge(const struct report *report)
{
	static char unseen[UNSEEN_TEXT];
	const struct run *run = report->run;

	if (run->elsewhere)
		return run->elsewhere;
	if (report->fold->flows)
		return NULL;
	if (!run_is_whole(report->run))
		return "No connection is in the recording, and not all of it is there.";
	if (!run->processes_seen)
		return "Nothing was recorded: the library was at work in no process.";
	unseen_text(run, unseen, sizeof(unseen));
	return *unseen ? unseen : NULL;
}

bool report_is_covered(const struct report *report)
{
	return !report->fold->flows || report->fold->coverage >= REPORT_COVERAGE;
}

/* Waits that no finding is about, and that a rule might still shorten. Of our own we know. */
static uint64_t unexplained(const struct report *report)
{
	const uint64_t bound = report->findings->bound;
	uint64_t known = report->fold->split.other - report->fold->split.names;

	for (size_t i = 0; i < report->findings->count; i++)
		if (report->findings->finding[i].code->sort == SORT_CPU ||
			finding_is_ours(&report->findings->finding[i]))
			known += report->findings->finding[i].lost_high;
	return bound > known ? bound - known : 0;
}

uint64_t report_doubt(const struct report *report)
{
	const uint64_t possible = report_possible(report), waits = unexplained(report);
	const uint64_t doubt = possible > waits ? possible : waits;

	return report->findings->doubt > doubt ? report->findings->doubt : doubt;
}

/* 'No rule can win more than half of it' is no 'no'. */
static bool is_doubtful(const struct report *report)
{
	const uint64_t whole = report_whole(report);

	return report_possible(report) * 20 > whole || unexplained(report) * 4 > whole ||
	       report->findings->doubt * 20 > report->fold->split.wall;
}

/* A rule did something against stalls there: held writes in time, or set an option that does. */
static bool was_treated(const struct trace_connection *connection)
{
	const uint64_t cures = OPTION_BIT(OPTION_TCP_NODELAY) | OPTION_BIT(OPTION_TCP_QUICKACK) |
			       OPTION_BIT(OPTION_TCP_CORK);

	return connection->holds > connection->late || connection->ours & cures;
}

/* Half of the answers to turns that can stall came sooner than any delayed ACK: where they take
 * longer anyway, nobody knows what they would have taken. Of what nobody answers the holds tell. */
static bool is_quick(const struct report *report, const struct flow_fold *flow)
{
	const uint64_t limit = report->fold->endpoint[flow->endpoint].min_rtt + NO_DELAYED_ACK;
	size_t quick = 0, joint = 0;

	for (size_t t = 0; t < flow->turns; t++) {
		const struct turn *turn = turn_at(flow, t);
		if (!turn->answered || (turn->writes < 2 && turn->reads < 2))
			continue;
		joint++;
		quick += flow->serves || turn_took(flow, turn) < limit;
	}
	return joint ? quick * 2 > joint : flow->connection->holds > flow->connection->late;
}

static bool was_mended(const struct report *report)
{
	const struct fold *fold = report->fold;

	for (size_t f = 0; f < fold->flows; f++)
		if (was_treated(fold->flow[f].connection) && is_quick(report, &fold->flow[f]))
			return true;
	return false;
}

enum verdict_word report_verdict(const struct report *report)
{
	const struct finding *first = report_loudest(report);
	const struct finding *others = report_others(report);

	if (report_cannot_judge(report))
		return VERDICT_NOT_SURE;
	if (first && (report_is_covered(report) || first->sure == SURE_PROVEN))
		return is_spike(report, first) ? VERDICT_SPIKES : word_of(first);
	if (others)
		return others->others_ns ? VERDICT_CLIENTS : VERDICT_OTHERS;
	if (!report_is_covered(report) || !run_is_all(report->run) || is_doubtful(report))
		return VERDICT_NOT_SURE;
	return was_mended(report) ? VERDICT_MENDED : VERDICT_NOT_SOCKETS;
}
