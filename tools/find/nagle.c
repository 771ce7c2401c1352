/* Small writes held back by Nagle until a delayed ACK: ours (N01), and as a server (N02). The
 * kernel's own queue proves a turn (EVENT_PROVEN); where it was asked and held nothing, no timing
 * makes a stall of it. */
#include <stdio.h>

#include "rules/option.h"
#include "tools/find/judge.h"

/* A Linux peer's delayed ACK: TCP_DELACK_MIN and a tick of the slowest clock. */
#define DELAYED_ACK (44 * MS)

/* By its pattern and its timing alone, on a connection where the kernel held others back. */
static bool looks_held(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	bool like;
	uint64_t late = beyond(turn->wait, base_of_turn(judge, flow, turn, &like));

	return flow->connection->proven > 0 && has_nagle(flow) && turn->writes >= 2 &&
	       last_write_is_small(flow, turn) &&
	       (is_delayed_ack(late) || within(late, CORK_LOW, CORK_HIGH)) &&
	       turn->wait > 5 * judge->fold->endpoint[flow->endpoint].min_rtt;
}

/* What the hold cost. The kernel says that there was one, not how long: what is later than any
 * delayed ACK is the peer's thinking, and so is what exceeds 44 ms where no like turn tells. */
static uint64_t held_by(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	bool like;
	uint64_t base = base_of_turn(judge, flow, turn, &like), late = beyond(turn->wait, base);
	uint64_t blocked = blocked_of(flow, turn);

	if (!is_delayed_ack(late) && late > DELAYED_ACK && !within(late, CORK_LOW, CORK_HIGH))
		late = DELAYED_ACK;
	else if (!like && is_delayed_ack(late) && late > DELAYED_ACK)
		late = DELAYED_ACK;
	return least(late, blocked);
}

static void hit_n01(struct judge *judge, struct tally *tally, const struct flow_fold *flow,
	const struct turn *turn)
{
	uint64_t lost = held_by(judge, flow, turn);

	if (turn->writes < 2 || lost < 5 * MS || !(turn->proven || looks_held(judge, flow, turn)))
		return;
	tally_hit(tally, (struct hit){flow, turn, turn->wait, lost, turn->answered, turn->proven});
	turn_take(judge, flow, turn);
}

/* The client got the held part when it acknowledged the first, whatever it did afterwards: proven
 * where its next word came right then. */
static void hit_n02(struct judge *judge, struct tally *tally, const struct flow_fold *flow,
	const struct turn *turn)
{
	uint64_t until = beyond(turn->answered, turn->held), lost = until;
	bool delayed = is_delayed_ack(until);

	if (!turn->held || until < DELAYED_ACK_LOW)
		return;
	if (!delayed)
		lost = DELAYED_ACK;
	tally_hit(tally, (struct hit){flow, turn, until, lost, turn->held + lost, delayed});
	turn_take(judge, flow, turn);
}

static unsigned writes_of(const struct finding *finding)
{
	return finding->turn && finding->turn->writes > 2 ? finding->turn->writes : 2;
}

static void report_n01(struct judge *judge, uint32_t e, struct tally *tally)
{
	struct finding *finding = judge_add(judge, "N01", e, tally);
	bool like = false;
	uint64_t base = finding->turn ? base_of_turn(judge, finding->flow, finding->turn, &like)
				      : judge->base[e];

	snprintf(finding->what, sizeof(finding->what), "%u small writes, then a read: %llu of %llu",
		writes_of(finding), (unsigned long long)finding->hits,
		(unsigned long long)finding->of);
	judge_how(judge, finding, tally,
		"each such turn's wait less %.2f ms, %s; at most a delayed ACK (44 ms) each where "
		"it waited longer",
		(double)base / 1e6,
		like ? "the median of turns of its kind that did not stall"
		     : "the median of the endpoint's turns that did not stall");
	mend_waits(judge, finding);
	judge_stalled(judge, tally);
}

static void report_n02(struct judge *judge, uint32_t e, struct tally *tally)
{
	struct finding *finding = judge_add(judge, "N02", e, tally);

	snprintf(finding->what, sizeof(finding->what),
		"answers in %u small writes, the last held: %llu of %llu", writes_of(finding),
		(unsigned long long)finding->hits, (unsigned long long)finding->of);
	judge_how(judge, finding, tally,
		"from the held write to the client's next word, at most a delayed ACK (44 ms): the "
		"client waits that long");
	mend_waits(judge, finding);
	judge_stalled(judge, tally);
}

void find_nagle(struct judge *judge)
{
	const struct fold *fold = judge->fold;

	for (uint32_t e = 0; e < fold->endpoints; e++) {
		struct tally n01 = {0}, n02 = {0};

		for (size_t f = 0; f < fold->flows; f++) {
			const struct flow_fold *flow = &fold->flow[f];

			for (size_t t = 0; flow->endpoint == e && t < flow->turns; t++) {
				const struct turn *turn = &flow->turn[t];

				if (flow->serves)
					n02.of += turn->writes > 0;
				else
					n01.of += turn->writes >= 2;
				if (!turn_is_clean(judge, flow, turn))
					continue;
				if (flow->serves)
					hit_n02(judge, &n02, flow, turn);
				else
					hit_n01(judge, &n01, flow, turn);
			}
		}
		if (n01.hits > 0)
			report_n01(judge, e, &n01);
		if (n02.hits > 0)
			report_n02(judge, e, &n02);
		tally_free(&n01);
		tally_free(&n02);
	}
}
