/* The first word of a report, its seconds and its doubts. Judges by what findings say, and prints
 * nothing. */
#include "tools/find/verdict.h"

#include "rules/option.h"
#include "tools/find/judge.h"

uint64_t fold_whole(const struct fold *fold)
{
	const struct run *run = fold->run;
	uint64_t sum = 0;

	for (size_t p = 0; p < run->processes; p++)
		if (run->process[p].connections && run->process[p].ended > run->process[p].began)
			sum += run->process[p].ended - run->process[p].began;
	return run->processes > 1 && sum ? sum : fold->split.wall;
}

/* ns of the loud findings, at most `whole`; the sums by parts are no more than that. */
static uint64_t lost_of(struct loud *loud, uint64_t whole)
{
	uint64_t lost = 0;

	for (int part = 0; part < CODE_PARTS; part++)
		lost += loud->high[part];
	lost = least(lost, whole);
	for (int part = 0; part < CODE_PARTS; part++) {
		loud->low[part] = least(loud->low[part], lost);
		loud->high[part] = least(loud->high[part], lost);
	}
	return lost;
}

/* ns that findings which are only possible may cost, likewise; but those that only the program's
 * author could change are no reason to doubt a 'no'. */
static uint64_t possible(const struct findings *findings, uint64_t whole)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->finding[i];
		if (finding->sure == SURE_POSSIBLE && !finding->minor && finding->fix != FIX_APP &&
			finding->code->sort != SORT_CPU)
			lost += finding->lost_high;
	}
	return least(lost, whole);
}

static const struct finding *loudest(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		if (finding_is_loud(&findings->finding[i]))
			return &findings->finding[i];
	return NULL;
}

static const struct finding *paid_by_others(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->finding[i];
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
static bool is_spike(const struct fold *fold, const struct finding *finding)
{
	if (!finding->hits || finding->hits * 20 >= finding->of || finding_is_ours(finding) ||
		finding->endpoint >= fold->endpoints)
		return false;
	struct transactions all = transactions_take(fold, finding->endpoint);
	transactions_free(&all);
	return all.spikes;
}

static enum unjudged cannot_judge(const struct fold *fold)
{
	const struct run *run = fold->run;

	if (run->elsewhere)
		return UNJUDGED_ELSEWHERE;
	if (fold->flows)
		return UNJUDGED_NOT;
	if (!run_is_whole(run))
		return UNJUDGED_LOST;
	if (!run->processes_seen)
		return UNJUDGED_NOBODY;
	return run->alone || !run_is_all(run) ? UNJUDGED_UNSEEN : UNJUDGED_NOT;
}

bool fold_saw_what_was_asked(const struct fold *fold)
{
	return fold->bytes_kernel &&
	       (double)fold->bytes_seen >= SEEN_ENOUGH * (double)fold->bytes_kernel;
}

/* Waits that no finding is about, and that a rule might still shorten. Of our own we know. */
static uint64_t unexplained(const struct fold *fold, const struct findings *findings)
{
	uint64_t known = fold->split.other - fold->split.names;

	for (size_t i = 0; i < findings->count; i++)
		if (findings->finding[i].code->sort == SORT_CPU ||
			finding_is_ours(&findings->finding[i]))
			known += findings->finding[i].lost_high;
	return beyond(findings->bound, known);
}

static uint64_t doubt_of(const struct fold *fold, const struct findings *findings, uint64_t whole)
{
	const uint64_t guess = possible(findings, whole), waits = unexplained(fold, findings);
	const uint64_t doubt = guess > waits ? guess : waits;

	return findings->doubt > doubt ? findings->doubt : doubt;
}

/* 'No rule can win more than half of it' is no 'no'. */
static bool is_doubtful(
	const struct fold *fold, const struct findings *findings, const struct verdict *verdict)
{
	const uint64_t whole = verdict->whole;

	return possible(findings, whole) * 20 > whole || unexplained(fold, findings) * 4 > whole ||
	       findings->doubt * 20 > fold->split.wall;
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
static bool is_quick(const struct fold *fold, const struct flow_fold *flow)
{
	const uint64_t limit = fold->endpoint[flow->endpoint].min_rtt + DELAYED_ACK_LOW;
	size_t quick = 0, joint = 0;

	for_each_turn (turn, flow) {
		if (!turn->answered || (turn->writes < 2 && turn->reads < 2))
			continue;
		joint++;
		quick += flow->serves || turn_took(flow, turn) < limit;
	}
	return joint ? quick * 2 > joint : flow->connection->holds > flow->connection->late;
}

static bool was_mended(const struct fold *fold)
{
	for (size_t f = 0; f < fold->flows; f++)
		if (was_treated(fold->flow[f].connection) && is_quick(fold, &fold->flow[f]))
			return true;
	return false;
}

static enum verdict_word word_take(
	const struct fold *fold, const struct findings *findings, const struct verdict *verdict)
{
	const struct finding *first = verdict->loudest, *others = verdict->others;

	if (verdict->unjudged)
		return VERDICT_NOT_SURE;
	if (first && (verdict->covered || first->sure == SURE_PROVEN))
		return is_spike(fold, first) ? VERDICT_SPIKES : word_of(first);
	if (others)
		return others->others_ns ? VERDICT_CLIENTS : VERDICT_OTHERS;
	if (!verdict->covered || !run_is_all(fold->run) || is_doubtful(fold, findings, verdict))
		return VERDICT_NOT_SURE;
	return was_mended(fold) ? VERDICT_MENDED : VERDICT_NOT_SOCKETS;
}

struct verdict verdict_take(const struct fold *fold, const struct findings *findings)
{
	struct verdict verdict = {.unjudged = cannot_judge(fold),
		.covered = !fold->flows || fold->coverage >= SEEN_ENOUGH,
		.whole = fold_whole(fold),
		.loudest = loudest(findings),
		.others = paid_by_others(findings),
		.loud = loud_of(findings)};

	verdict.lost = lost_of(&verdict.loud, verdict.whole);
	verdict.doubt = doubt_of(fold, findings, verdict.whole);
	verdict.word = word_take(fold, findings, &verdict);
	return verdict;
}

struct held held_of(const struct fold *fold)
{
	struct held held = {0};
	uint64_t waited = 0, blocked = 0;

	for (size_t f = 0; f < fold->flows; f++)
		for_each_turn (turn, &fold->flow[f]) {
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
