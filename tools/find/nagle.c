/* Small writes held back by Nagle until the peer acknowledges those before: ours (N01), and as a
 * server (N02). The kernel's own queue tells that bytes were held (EVENT_PROVEN), and its clock for
 * how long (turn->left); where it was asked and held nothing, no timing makes a stall of it. */

#include "rules/option.h"
#include "tools/find/judge.h"
#include "tools/find/timed.h"

/* Below that a hold costs nothing worth a word. */
#define LEAST_HOLD MS

/* By its pattern and its timing alone, on a connection where the kernel held others back. */
static bool looks_held(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	bool like;
	uint64_t late = beyond(turn->wait, base_of_turn(judge, flow, turn, &like));

	return flow->connection->proven > 0 && has_nagle(flow) && turn->writes >= 2 &&
	       last_write_is_small(flow, turn) && !turn_was_asked(turn) &&
	       (is_delayed_ack(late) || within(late, CORK_LOW, CORK_HIGH)) &&
	       turn->wait > 5 * judge->fold->endpoint[flow->endpoint].min_rtt;
}

/* What a hold cost where the kernel's clock was not asked. What is later than any delayed ACK is
 * the peer's thinking, and so is what exceeds 44 ms where no like turn tells. */
static uint64_t held_about(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	bool like;
	uint64_t base = base_of_turn(judge, flow, turn, &like), late = beyond(turn->wait, base);

	if (!is_delayed_ack(late) && late > DELAYED_ACK && !within(late, CORK_LOW, CORK_HIGH))
		return DELAYED_ACK;
	if (!like && is_delayed_ack(late) && late > DELAYED_ACK)
		return DELAYED_ACK;
	return late;
}

static void hit_n01(struct judge *judge, struct tally *tally, const struct flow_fold *flow,
	const struct turn *turn)
{
	const bool proven = turn->proven && turn->left;
	const uint64_t held =
		proven ? turn_was_held(judge, flow, turn) : held_about(judge, flow, turn);
	const uint64_t lost = least(held, blocked_of(turn));

	if (turn->writes < 2 || lost < (proven ? LEAST_HOLD : 5 * MS) ||
		!(turn->proven || looks_held(judge, flow, turn)))
		return;
	tally_hit(
		tally, (struct hit){flow, turn->number, turn->wait, lost, turn->answered, proven});
	turn_take(judge, flow, turn, PART_WAIT);
}

/* The client waits for the held part from the last write on, whatever it does afterwards. Where the
 * kernel's clock was not asked that is a delayed ACK at most. */
static void hit_n02(struct judge *judge, struct tally *tally, const struct flow_fold *flow,
	const struct turn *turn)
{
	const uint64_t until = beyond(turn->answered, turn->held);
	uint64_t lost = turn_was_held(judge, flow, turn);

	if (!turn->held || (turn->left && lost < LEAST_HOLD))
		return;
	if (!turn->left && until < DELAYED_ACK_LOW)
		return;
	if (!turn->left)
		lost = is_delayed_ack(until) ? until : DELAYED_ACK;
	tally_hit(tally, (struct hit){flow, turn->number, turn->left ? lost : until, lost,
				 turn->held + lost, turn->left != 0});
	turn_take(judge, flow, turn, PART_WAIT);
}

/* Of a log that knows no kernel: a client's turn and a server's look the same. */
static void hit_timed(struct judge *judge, struct tally *tally, const struct flow_fold *flow,
	const struct turn *turn)
{
	const uint64_t held = timed_hold(judge, flow, turn);
	const uint64_t lost = flow->serves ? held : least(held, blocked_of(turn));

	if (lost < LEAST_HOLD)
		return;
	tally_hit(tally, (struct hit){flow, turn->number, turn->wait, lost, turn->answered, false});
	turn_take(judge, flow, turn, PART_WAIT);
}

static unsigned writes_of(const struct finding *finding)
{
	return finding->turn.writes > 2 ? finding->turn.writes : 2;
}

static void report_n01(struct judge *judge, uint32_t e, struct tally *tally)
{
	struct finding *finding = judge_add(judge, "N01", e, tally);
	bool like = false;
	uint64_t base = finding->turn.steps
				? base_of_turn(judge, finding->flow, &finding->turn, &like)
				: judge->base[e];

	finding_put(finding, what, "%u small writes, then a read: %llu of %llu", writes_of(finding),
		(unsigned long long)finding->hits, (unsigned long long)finding->of);
	if (timed_only(judge))
		timed_how(judge, finding, tally);
	else
		judge_how(judge, finding, tally,
			"from each such turn's last write to when the kernel sent what it held; where it "
			"could not be asked, the wait less %.2f ms, %s, at most 44 ms",
			(double)base / 1e6,
			like ? "the median of turns of its kind that did not stall"
			     : "the median of the endpoint's turns that did not stall");
	mend_waits(judge, finding);
	if (timed_only(judge))
		timed_settle(judge, finding, tally);
	if (finding->sure != SURE_POSSIBLE)
		judge_stalled(judge, finding, tally);
}

static void report_n02(struct judge *judge, uint32_t e, struct tally *tally)
{
	struct finding *finding = judge_add(judge, "N02", e, tally);

	finding_put(finding, what, "answers in %u small writes, the last held: %llu of %llu",
		writes_of(finding), (unsigned long long)finding->hits,
		(unsigned long long)finding->of);
	if (timed_only(judge))
		timed_how(judge, finding, tally);
	else
		judge_how(judge, finding, tally,
			"from each such turn's last write to when the kernel sent what it held; where it "
			"could not be asked, to the client's next word, at most a delayed ACK (44 ms): the "
			"client waits that long");
	mend_waits(judge, finding);
	if (timed_only(judge))
		timed_settle(judge, finding, tally);
	if (finding->sure != SURE_POSSIBLE)
		judge_stalled(judge, finding, tally);
}

static void sort_turn(struct judge *judge, struct tally pair[2], const struct flow_fold *flow,
	const struct turn *turn)
{
	if (flow->serves)
		pair[1].of += turn->writes > 0;
	else
		pair[0].of += turn->writes >= 2;
	/* What the program itself keeps back is find_cork()'s. */
	if (turn->more || !turn_may_be_judged(judge, flow, turn))
		return;
	if (timed_only(judge))
		hit_timed(judge, &pair[flow->serves], flow, turn);
	else if (flow->serves)
		hit_n02(judge, &pair[1], flow, turn);
	else
		hit_n01(judge, &pair[0], flow, turn);
}

void find_nagle(struct judge *judge)
{
	find_pair(judge, &(const struct pair){sort_turn, {report_n01, report_n02}});
}
