/* The first word of the screen, the sentence behind it, and the words that stand for enumerations.
 * Judges by what findings say; looks at no turn itself. */
#include <string.h>

#include "rules/option.h"
#include "tools/plural.h"
#include "tools/show/report.h"
#include "tools/show/text.h"
#include "tools/show/units.h"

/* ns: what a figure of seconds shows at least. */
#define LEAST UINT64_C(1000000)
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
	return finding->code->name[0] == 'A';
}

bool finding_is_loud(const struct finding *finding)
{
	return !finding->minor && !finding_is_place(finding) && finding->sure != SURE_POSSIBLE &&
	       finding->lost_high > 0;
}

bool finding_is_ours(const struct finding *finding)
{
	return finding->code->name[0] == 'X';
}

bool finding_wants_proof(const struct finding *finding)
{
	return *finding->mend.set && finding->sure != SURE_PROVEN && finding->lost_high > 0 &&
	       !code_is_cpu(finding->code);
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
			!code_is_cpu(finding->code))
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
	static const struct {
		const char *code;
		enum verdict_word word;
	} table[] = {{"S06", VERDICT_BUSY}, {"E01", VERDICT_BUSY}, {"S11", VERDICT_BUSY},
		{"S02", VERDICT_PEER}, {"D01", VERDICT_NAMES}, {"D02", VERDICT_NAMES},
		{"D03", VERDICT_NAMES}};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strcmp(finding->code->name, table[i].code) == 0)
			return table[i].word;
	return VERDICT_STALLED;
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
static const char *cannot_judge(const struct report *report)
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

static bool is_covered(const struct report *report)
{
	return !report->fold->flows || report->fold->coverage >= REPORT_COVERAGE;
}

/* Waits that no finding is about, and that a rule might still shorten. Of our own we know. */
static uint64_t unexplained(const struct report *report)
{
	const uint64_t bound = report->findings->bound;
	uint64_t known = report->fold->split.other - report->fold->split.names;

	for (size_t i = 0; i < report->findings->count; i++)
		if (code_is_cpu(report->findings->finding[i].code) ||
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
		const struct turn *turn = &flow->turn[t];
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

	if (cannot_judge(report))
		return VERDICT_NOT_SURE;
	if (first && (is_covered(report) || first->sure == SURE_PROVEN))
		return is_spike(report, first) ? VERDICT_SPIKES : word_of(first);
	if (others)
		return others->others_ns ? VERDICT_CLIENTS : VERDICT_OTHERS;
	if (!is_covered(report) || !run_is_all(report->run) || is_doubtful(report))
		return VERDICT_NOT_SURE;
	return was_mended(report) ? VERDICT_MENDED : VERDICT_NOT_SOCKETS;
}

/* ---- the sentences ---- */

static void print_spikes(FILE *out, const struct report *report, size_t column)
{
	const struct finding *first = report_loudest(report);
	const struct transactions all = endpoint_transactions(report, first->endpoint);
	char a[UNITS], b[UNITS], c[UNITS], d[UNITS];

	text_sentences(out, column, "%s transactions: p50 %s ms, p99 %s, max %s ms.",
		units_count(a, all.count), units_ms(b, all.p50), units_ms(c, all.p99),
		units_ms(d, all.max));
	text_sentences(out, 0, "Of these, %s.", first->what);
	stalled_print_mends(out, report);
}

/* What was seen does not say it: what was not. */
static void print_unseen(FILE *out, const struct report *report)
{
	const struct fold *fold = report->fold;
	char unseen[UNSEEN_TEXT];

	unseen_text(report->run, unseen, sizeof(unseen));
	if (fold->coverage < 0)
		text_sentences(out, 0,
			"How many bytes there were the kernel was never asked: no connection was "
			"seen to be closed.");
	else if (!is_covered(report) && fold_saw_what_was_asked(fold) && run_is_whole(report->run))
		text_sentences(out, 0,
			"What else was on the connections that were not seen to end nobody knows: "
			"that it is not the sockets cannot be said.");
	else if (!is_covered(report) || !run_is_whole(report->run))
		text_sentences(out, 0, "Too much was not seen to say that it is not the sockets.");
	if (*unseen)
		text_wrap(out, 2, unseen);
}

/* And what is known of what was not seen. */
static void print_why(FILE *out, const struct report *report, const char *why)
{
	char unseen[UNSEEN_TEXT];

	text_wrap(out, 2, why);
	unseen_text(report->run, unseen, sizeof(unseen));
	if (*unseen && strcmp(why, unseen) != 0)
		text_wrap(out, 2, unseen);
}

/* Turns in which the kernel held bytes back, of those in which it could have. */
struct held {
	uint64_t turns, of;
	bool seen; /* most of them waited in calls that were recorded */
};

static struct held held_of(const struct report *report)
{
	struct held held = {0};
	uint64_t waited = 0, blocked = 0;

	for (size_t f = 0; f < report->fold->flows; f++)
		for (size_t t = 0; t < report->fold->flow[f].turns; t++) {
			const struct turn *turn = &report->fold->flow[f].turn[t];
			if (!turn->answered || !turn->writes)
				continue;
			held.of++;
			if (!turn->proven)
				continue;
			held.turns++;
			waited += turn->wait;
			blocked += turn->blocked;
		}
	held.seen = blocked * 2 >= waited;
	return held;
}

static void print_held(FILE *out, const struct report *report, size_t column)
{
	const struct held held = held_of(report);
	char a[UNITS], b[UNITS], c[UNITS], d[UNITS];

	text_sentences(out, column,
		"Up to %s of %s may be a stall: the kernel held bytes back in %s of %s turn%s; %s.",
		units_seconds(a, report->findings->doubt), units_seconds(b, report_whole(report)),
		units_count(c, held.turns), units_count(d, held.of), plural(held.of),
		held.seen ? "for how long was not seen" : "which call waited was not seen");
}

static void print_not_sure(FILE *out, const struct report *report, size_t column)
{
	const uint64_t doubt = report_doubt(report);
	const char *why = cannot_judge(report);
	char a[UNITS], b[UNITS];

	if (why) {
		fputc('\n', out);
		print_why(out, report, why);
		return;
	}
	if (doubt && report->findings->doubt == doubt)
		print_held(out, report, column);
	else if (!doubt)
		text_sentences(out, column, "Nothing that was seen looks like a stall.");
	else
		text_sentences(out, column, "Between 0 s and %s of %s look like a stall.",
			units_seconds(a, doubt), units_seconds(b, report_whole(report)));
	print_unseen(out, report);
}

/* What rules can win at most: no less than a millisecond, for it is a promise. */
static void print_bound(FILE *out, const struct report *report, size_t column, const char *end)
{
	const uint64_t bound = report->findings->bound, wall = report->fold->split.wall;
	char a[UNITS], b[UNITS];

	text_sentences(out, column, "No rule can win more than %s of %s (%.1f %%)%s.",
		units_seconds(a, bound && bound < LEAST ? LEAST : bound), units_seconds(b, wall),
		units_percent(bound, wall), end);
}

/* "was 39.3 in the holdout": medians of both arms, where a run has them. */
static void print_mended(FILE *out, const struct report *report, size_t column)
{
	const struct fold *fold = report->fold;
	const struct endpoint *most = NULL;
	char a[UNITS], b[UNITS];

	for (size_t e = 0; e < fold->endpoints; e++)
		if (!most || fold->endpoint[e].turns > most->turns)
			most = &fold->endpoint[e];
	text_sentences(out, column, "%s turn%s, p50 %s ms.", units_count(a, most ? most->turns : 0),
		plural(most ? most->turns : 0), units_ms(b, most ? most->wait_p50 : 0));
	print_bound(out, report, 0, " again");
}

/* 'NAMES. 4.0 s of 4.7 s (85 %) are spent looking up names.' */
static void print_seconds(FILE *out, const struct report *report, size_t column, const char *go)
{
	const struct finding *first = report_loudest(report);
	const uint64_t whole = report_whole(report), low = first->lost_low;
	const uint64_t high = first->lost_high < whole ? first->lost_high : whole;
	char a[UNITS], b[UNITS];

	text_sentences(out, column, "%s%s of %s (%.0f %%) %s.", low == high ? "" : "Up to ",
		units_seconds(a, high), units_seconds(b, whole), units_percent(high, whole), go);
	stalled_print_mends(out, report);
}

static void print_busy(FILE *out, const struct report *report, size_t column)
{
	const bool sets = strcmp(report_loudest(report)->code->name, "S11") == 0;

	print_seconds(out, report, column,
		sets ? "go to calls that change nothing" : "go to calls that find nothing to do");
}

static void print_peer(FILE *out, const struct report *report, size_t column)
{
	print_seconds(out, report, column, "this side could have sent more");
}

static void print_names(FILE *out, const struct report *report, size_t column)
{
	print_seconds(out, report, column, "are spent looking up names");
}

static void print_who_mends(FILE *out, const struct finding *finding)
{
	text_sentences(out, 0, "%s: %s.", finding->code->name, finding->what);
	text_sentences(out, 0, "%s. This run itself loses nothing by it.",
		*finding->mend.set ? "One rule mends it" : "No rule mends it");
}

static void print_clients(FILE *out, const struct report *report, size_t column)
{
	const struct finding *finding = report_others(report);
	char a[UNITS];

	text_sentences(out, column, "Its clients are: it costs them about %s.",
		units_seconds(a, finding->others_ns));
	print_who_mends(out, finding);
}

static void print_others(FILE *out, const struct report *report, size_t column)
{
	text_sentences(out, column, "Bytes that it wrote did not reach its peers.");
	print_who_mends(out, report_others(report));
}

static void print_not_sockets(FILE *out, const struct report *report, size_t column)
{
	if (!report->fold->flows)
		text_sentences(out, column, "No TCP connection was made.");
	else
		print_bound(out, report, column, "");
}

void verdict_print(FILE *out, const struct report *report)
{
	static void (*const print[])(FILE *, const struct report *, size_t column) = {stalled_print,
		print_spikes, print_busy, print_peer, print_names, print_clients, print_others,
		print_not_sockets, print_not_sure, print_mended};
	const enum verdict_word verdict = report_verdict(report);
	const char *name = verdict_name(verdict);

	fprintf(out, "  %s%s.%s", text_bold(out), name, text_plain(out));
	print[verdict](out, report, 2 + strlen(name) + 1);
	ours_print(out, report);
	fputc('\n', out);
}
