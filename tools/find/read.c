/* Waiting that is a protocol's own: one question at a time (R04), and 'Expect: 100-continue' (R05).
 */

#include "tools/find/judge.h"

#define PING_PONG   200
#define EXPECT_LOW  (950 * MS) /* curl waits 1 s for '100 Continue' */
#define EXPECT_HIGH (1050 * MS)

/* Back to back: what the program does between an answer and its next question is little. */
static bool is_back_to_back(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	uint64_t rtt = judge->fold->endpoint[flow->endpoint].min_rtt;

	return turn_is_clean(judge, flow, turn) && !flow->serves && turn->think > 0 &&
	       turn->think * 5 < turn->wait && rtt && turn->wait >= rtt && turn->wait <= 3 * rtt;
}

static void find_ping_pong(struct judge *judge, uint32_t e)
{
	const struct fold *fold = judge->fold;
	struct tally tally = {0};
	uint64_t rtt = fold->endpoint[e].min_rtt;

	if (!rtt)
		return;
	for_each_flow (flow, fold, e)
		for_each_turn (turn, flow) {
			tally.of++;
			if (is_back_to_back(judge, flow, turn))
				tally_hit(&tally, (struct hit){flow, turn->number, turn->wait,
							  rtt - rtt / 8, turn->answered, false});
		}
	if (tally.hits >= PING_PONG && tally.hits * 2 > tally.of) {
		struct finding *finding = judge_add(judge, "R04", e, &tally);

		finding->sure = SURE_POSSIBLE;
		finding->lost_low = 0;
		finding->fix = FIX_APP;
		finding_put(finding, what,
			"one question at a time, back to back: %llu of %llu turns",
			(unsigned long long)tally.hits, (unsigned long long)tally.of);
		judge_how(judge, finding, &tally,
			"7 of 8 round trips of %.2f ms, as if eight questions were asked together",
			(double)rtt / 1e6);
		finding_put(finding, no_rule,
			"no rule mends this: the program should ask for several things at once");
	}
	tally_free(&tally);
}

static void find_expect(struct judge *judge, uint32_t e)
{
	const struct fold *fold = judge->fold;
	struct tally tally = {0};

	for_each_flow (flow, fold, e) {
		tally.of += flow->turns;
		for (size_t t = 0; flow->sums.stood >= EXPECT_LOW && t < flow->turns; t++) {
			const struct turn *turn = turn_at(flow, t);

			if (parts_taken(judge, flow, t) || flow->serves ||
				!within(turn->stood, EXPECT_LOW, EXPECT_HIGH))
				continue;
			tally_hit(&tally, (struct hit){flow, turn->number, turn->stood, turn->stood,
						  turn->stood_until, false});
			turn_take(judge, flow, turn, PART_ALL);
		}
	}
	if (tally.hits > 0) {
		struct finding *finding = judge_add(judge, "R05", e, &tally);

		finding->lost_low = finding->lost_high * 9 / 10;
		finding->fix = FIX_APP;
		finding->minor = false;
		finding_put(finding, what, "waits 1 s before it sends the body: %llu of %llu",
			(unsigned long long)tally.hits, (unsigned long long)tally.of);
		judge_stalled(judge, finding, &tally);
		judge_how(judge, finding, &tally,
			"the waits of 0.95 to 1.05 s between a header and its body");
		finding_put(finding, no_rule,
			"no rule mends this: the peer ignores 'Expect: 100-continue'; the program "
			"should not send it (curl -H 'Expect:')");
	}
	tally_free(&tally);
}

void find_read(struct judge *judge)
{
	for (uint32_t e = 0; e < judge->fold->endpoints; e++) {
		find_expect(judge, e);
		find_ping_pong(judge, e);
	}
}
