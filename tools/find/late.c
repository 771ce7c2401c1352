/* What looks like delayed ACKs but cannot be asked of this side's kernel: a peer that waits for our
 * ACK between two parts of a message (N11), and late answers on connections that were not seen
 * whole (a possible N01). The clock must be as regular as the kernel's is: work is not. */
#include <stdio.h>
#include <string.h>

#include "tools/find/judge.h"

#define SPREAD	(8 * MS) /* of the middle half of delayed ACKs: a busy host delays some of them */
#define A_PAUSE (5 * MS) /* shorter ones are no evidence either way */
/* Three in four of our ACKs are delayed by no less (TCP_DELACK_MIN is 40 ms; the first part may be
 * read late), and half of them by no more (and a tick, which is 4 ms mostly). */
#define OUR_ACK	     (39 * MS)
#define OUR_ACK_MOST (46 * MS)

static bool is_regular(const struct tally *tally, uint64_t others)
{
	return tally->hits >= HABIT_HITS && others * 4 <= tally->hits &&
	       tally_quantile(tally, 0.75) - tally_quantile(tally, 0.25) <= SPREAD;
}

/* As the kernel does it. A peer that works for so long each time looks the same. */
static bool is_our_ack(const struct tally *tally, uint64_t rtt)
{
	return tally_quantile(tally, 0.25) >= OUR_ACK + rtt &&
	       tally_quantile(tally, 0.5) <= OUR_ACK_MOST + rtt;
}

/* A capture shows that the second part came at once behind our ACK, whatever kernel delayed that,
 * and how long; then a few times are enough. Else the times must be as regular as this kernel's. */
#define ANY_ACK_MOST	  (500 * MS)
#define SEEN_ENOUGH_PARTS 3

static bool is_withheld(const struct flow_fold *flow, uint64_t lost)
{
	return flow->connection->wired ? within(lost, DELAYED_ACK_LOW, ANY_ACK_MOST)
				       : is_delayed_ack(lost);
}

static bool are_parts(
	const struct fold *fold, const struct tally *tally, uint64_t others, uint64_t rtt)
{
	if (fold->flow->connection->wired)
		return tally->hits >= SEEN_ENOUGH_PARTS;
	return is_regular(tally, others) && is_our_ack(tally, rtt);
}

static void report_n11(struct judge *judge, uint32_t e, struct tally *tally)
{
	struct finding *finding = judge_add(judge, "N11", e, tally);
	bool serves = finding->flow->serves;

	finding->fix = FIX_RULE;
	finding->lost_low = tally_lost(tally, false) * 9 / 10;
	finding_put(finding, what, "%s come in 2 parts, %.0f ms apart: %llu of %llu",
		serves ? "requests" : "answers", (double)finding->p50 / 1e6,
		(unsigned long long)tally->hits, (unsigned long long)tally->of);
	judge_how(judge, finding, tally,
		"the pause between the parts, less the round trip: the peer waits for our ACK, "
		"which this kernel delays");
	mend_endpoint(&finding->mend, judge, finding, "tcp_quickack = true;", false);
	finding_put(finding, second_price,
		"the cure is at the peer: it should send each message by one write");
	judge_stalled(judge, finding, tally);
}

/* Whether anything at the endpoint came in parts. */
static bool has_pauses(const struct fold *fold, uint32_t e)
{
	for_each_flow (flow, fold, e)
		if (flow->sums.pause >= DELAYED_ACK_LOW)
			return true;
	return false;
}

static void find_parts(struct judge *judge, uint32_t e)
{
	const struct fold *fold = judge->fold;
	uint64_t rtt = fold->endpoint[e].min_rtt, others = 0;
	struct tally tally = {0};

	if (!has_pauses(fold, e))
		return;
	for_each_flow (flow, fold, e)
		for_each_turn (turn, flow) {
			uint64_t lost = beyond(turn->pause, rtt);

			tally.of += turn->reads > 0;
			if (turn_taken(judge, flow, turn) & PART_ANSWER || turn->early ||
				turn->mixed || turn->retrans)
				continue;
			if (is_withheld(flow, lost))
				tally_hit(&tally, (struct hit){flow, turn->number, turn->pause,
							  lost, turn->paused_until, false});
			else
				others += lost > A_PAUSE;
		}
	if (are_parts(fold, &tally, others, rtt)) {
		struct hits hits = {.tally = &tally};
		while (hits_next(&hits))
			hit_take(judge, &hits.hit, PART_ANSWER);
		report_n11(judge, e, &tally);
	}
	tally_free(&tally);
}

/* Whether its late answers may be stalls. */
static bool may_stall(const struct flow_fold *flow)
{
	return !flow->serves && has_nagle(flow) && has_unseen_writes(flow);
}

static bool has_unseen(const struct fold *fold, uint32_t e)
{
	for_each_flow (flow, fold, e)
		if (may_stall(flow))
			return true;
	return false;
}

static void report_unseen(struct judge *judge, uint32_t e, struct tally *tally)
{
	struct finding *finding = judge_add(judge, "N01", e, tally);
	char low[24], high[24];

	finding->sure = SURE_POSSIBLE;
	finding->lost_low = 0;
	finding->fix = FIX_PROVE;
	snprintf(low, sizeof(low), "%.0f", (double)finding->p5 / 1e6);
	snprintf(high, sizeof(high), "%.0f", (double)finding->p95 / 1e6);
	finding_put(finding, what, "answers %s%s%s ms late: %llu of %llu", low,
		strcmp(low, high) ? "-" : "", strcmp(low, high) ? high : "",
		(unsigned long long)tally->hits, (unsigned long long)tally->of);
	judge_how(judge, finding, tally,
		"these waits less %.2f ms, the median of the others; the timing fits, but the "
		"kernel could not be asked: not every write was seen",
		(double)judge->base[e] / 1e6);
	mend_endpoint(
		&finding->mend, judge, finding, "tcp_nodelay = true;", is_nodelay_off(judge, e));
}

static void find_unseen(struct judge *judge, uint32_t e)
{
	const struct fold *fold = judge->fold;
	uint64_t others = 0;
	struct tally tally = {0};

	if (!has_unseen(fold, e))
		return;
	for_each_flow (flow, fold, e)
		for_each_turn (turn, flow) {
			uint64_t late = beyond(turn->wait, judge->base[e]);

			tally.of += turn->writes > 0;
			if (!turn_is_clean(judge, flow, turn) || !may_stall(flow) ||
				turn->bytes_out >= flow_mss(flow))
				continue;
			if (is_delayed_ack(late) && turn->wait > 5 * fold->endpoint[e].min_rtt)
				tally_hit(&tally, (struct hit){flow, turn->number, turn->wait, late,
							  turn->answered, false});
			else
				others += late > DELAYED_ACK_HIGH;
		}
	if (is_regular(&tally, others)) {
		struct hits hits = {.tally = &tally};
		while (hits_next(&hits))
			hit_take(judge, &hits.hit, PART_WAIT);
		report_unseen(judge, e, &tally);
	}
	tally_free(&tally);
}

void find_late(struct judge *judge)
{
	for (uint32_t e = 0; e < judge->fold->endpoints; e++) {
		find_parts(judge, e);
		find_unseen(judge, e);
	}
}
