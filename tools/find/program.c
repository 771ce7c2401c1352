/* What is not the sockets: the program's own time (A01), the peer's (A02), and programs that
 * already do it right (A03). They lose nothing that a rule could win back. */
#include <stdio.h>
#include <stdlib.h>

#include "rules/option.h"
#include "tools/base/plural.h"
#include "tools/find/judge.h"
#include "tools/base/memory.h"

struct habits {
	uint64_t turns, single, nodelay, flows;
};

/* One write a turn needs no help; nor does a program that sets TCP_NODELAY by itself. */
static struct habits habits_of(const struct fold *fold)
{
	struct habits habits = {0};

	for (size_t f = 0; f < fold->flows; f++) {
		const struct flow_fold *flow = &fold->flow[f];

		if (flow->connection->role == ROLE_OF_LISTENER || flow->turns == 0)
			continue;
		habits.flows++;
		habits.nodelay +=
			flow->connection->options.nodelay == 1 && theirs(flow, OPTION_TCP_NODELAY);
		habits.turns += flow->sums.written;
		habits.single += flow->sums.single;
	}
	return habits;
}

static struct finding *add(
	struct judge *judge, const char *code, uint32_t endpoint, const struct tally *tally)
{
	struct finding *finding = judge_add(judge, code, endpoint, tally);

	finding->sure = SURE_LIKELY;
	finding->fix = FIX_NONE;
	finding->lost_low = finding->lost_high = 0;
	finding->minor = false;
	return finding;
}

static void find_right(struct judge *judge)
{
	struct habits habits = habits_of(judge->fold);
	bool single = habits.single * 100 >= habits.turns * 95;
	struct finding *finding;

	if (habits.turns == 0 || judge->fold->split.stalled * 100 > judge->fold->split.wall ||
		(!single && habits.nodelay < habits.flows))
		return;
	finding = add(judge, "A03", UINT32_MAX, NULL);
	finding->minor = true;
	finding->hits = single ? habits.single : habits.nodelay;
	finding->of = single ? habits.turns : habits.flows;
	if (single)
		finding_put(finding, what,
			"one write a turn, %llu of %llu: nothing waits for an ACK",
			(unsigned long long)finding->hits, (unsigned long long)finding->of);
	else
		finding_put(finding, what, "TCP_NODELAY is on already: %llu of %llu connection%s",
			(unsigned long long)finding->hits, (unsigned long long)finding->of,
			plural(finding->of));
	finding_put(finding, how, "no seconds: there is nothing to win");
}

/* Between an answer and the next write; of a server, between a request and its answer. */
static void find_own(struct judge *judge)
{
	const struct fold *fold = judge->fold;
	struct tally tally = {0};
	struct finding *finding;
	uint64_t thinks = 0;
	char p50[24], p95[24], max[24], part[24], whole[24];

	for (size_t f = 0; f < fold->flows; f++)
		for_each_turn (turn, &fold->flow[f])
			if (turn->think)
				tally_hit(&tally, (struct hit){&fold->flow[f], turn->number,
							  turn->think, 0, 0, false});
	finding = add(judge, "A01", UINT32_MAX, &tally);
	finding->of = tally.hits;
	struct hits hits = {.tally = &tally};
	while (hits_next(&hits))
		thinks += hits.hit.timed;
	time_text(part, sizeof(part), fold->split.program);
	time_text(whole, sizeof(whole), fold->split.wall);
	if (thinks * 2 > fold->split.program)
		finding_put(finding, what,
			"between a reply and the next command the program works: p50 %s, p95 %s, "
			"max %s (%zu time%s)",
			time_text(p50, sizeof(p50), finding->p50),
			time_text(p95, sizeof(p95), finding->p95),
			time_text(max, sizeof(max), finding->max), tally.hits, plural(tally.hits));
	else
		finding_put(finding, what,
			"outside its calls on sockets it works, or waits for something else: %s of "
			"%s",
			part, whole);
	finding_put(finding, how, "%s of %s: no thread on sockets was waiting in a call on one",
		part, whole);
	tally_free(&tally);
}

/* The kind of turn that waits most, in all, of those that no finding has. */
static uint32_t slowest_kind(const struct judge *judge, uint32_t e)
{
	const struct fold *fold = judge->fold;
	uint64_t *wait = memory_take(fold->signatures, sizeof(*wait));
	uint32_t slowest = 0;

	for_each_flow (flow, fold, e)
		for_each_turn (turn, flow) {
			if (!turn_taken(judge, flow, turn) && turn->signature < fold->signatures)
				wait[turn->signature] += blocked_of(turn);
		}
	for (uint32_t s = 1; s < fold->signatures; s++)
		if (wait[s] > wait[slowest])
			slowest = s;
	free(wait);
	return slowest;
}

/* A round trip of less says nothing: on one host it is as long as an answer, and no network. */
enum peer peer_of(const struct fold *fold, const struct finding *finding)
{
	const uint64_t rtt = fold->endpoint[finding->endpoint].min_rtt;

	if (finding->flow && finding->flow->serves)
		return PEER_CLIENTS;
	if (finding->p95 < MS)
		return PEER_QUICK;
	return rtt >= MS && rtt * 2 > finding->p50 && finding->flow ? PEER_FAR : PEER_THINKS;
}

static void report_peer(struct judge *judge, uint32_t e, uint32_t kind, const struct tally *tally)
{
	const struct fold *fold = judge->fold;
	struct finding *finding = add(judge, "A02", e, tally);
	const enum peer peer = peer_of(fold, finding);
	const char *alone = fold->signature[kind].alone;
	const size_t size = sizeof(finding->what);
	char p50[24], p95[24], way[24];
	int used;

	time_text(p50, sizeof(p50), finding->p50);
	time_text(p95, sizeof(p95), finding->p95);
	time_text(way, sizeof(way), fold->endpoint[e].min_rtt);
	finding_put(finding, how,
		"waits that end with data, and nothing about them looks like a stall");
	if (peer == PEER_CLIENTS) {
		snprintf(finding->what, size,
			"clients speak again after p50 %s, p95 %s: the server waits for them", p50,
			p95);
		return;
	}
	used = snprintf(finding->what, size, "the peer answers \"%.60s\" in p50 %s, p95 %s",
		alone ? alone : "", p50, p95);
	if (peer == PEER_FAR)
		snprintf(finding->what + used, size - (size_t)used, ", and %s of it is the way",
			way);
	else if (peer == PEER_QUICK)
		snprintf(finding->what + used, size - (size_t)used,
			": each is quick, but there are %llu", (unsigned long long)finding->hits);
	else
		snprintf(finding->what + used, size - (size_t)used, ": ask it, not the network");
}

static void find_peer(struct judge *judge, uint32_t e)
{
	const struct fold *fold = judge->fold;
	uint32_t kind = slowest_kind(judge, e);
	struct tally tally = {0};
	uint64_t waited = 0;

	for_each_flow (flow, fold, e)
		for_each_turn (turn, flow) {
			if (turn_taken(judge, flow, turn) || !turn->answered)
				continue;
			waited += blocked_of(turn);
			if (flow->serves || turn->signature == kind)
				tally_hit(&tally,
					(struct hit){flow, turn->number, turn->wait, 0, 0, false});
		}
	tally.of = fold->endpoint[e].turns;
	if (tally.hits > 0 && waited * 10 > fold->split.wall)
		report_peer(judge, e, kind, &tally);
	tally_free(&tally);
}

void find_program(struct judge *judge)
{
	const struct split *split = &judge->fold->split;

	if (split->program * 2 > split->wall)
		find_own(judge);
	for (uint32_t e = 0; split->thinking * 10 > split->wall && e < judge->fold->endpoints; e++)
		find_peer(judge, e);
	find_right(judge);
}
