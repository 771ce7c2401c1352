/* Bytes that the program itself keeps back, and then waits: TCP_CORK left on (N06), MSG_MORE with
 * the last write (N07). The kernel lets them go after 200 ms (tcp(7), TCP_CORK), or with whatever
 * comes next, and its clock says when (turn->left). Where it was not asked, waits of that length
 * count on a connection that was corked: what they took beyond the median of the others. */

#include "rules/option.h"
#include "tools/find/judge.h"

/* Two ticks of the slowest kernel's clock. */
#define LEAST_HELD (20 * MS)

/* By a call that was not seen: its turns are not told from others. */
static bool was_corked_unseen(const struct flow_fold *flow)
{
	return flow->connection->options.cork == 1 && !theirs(flow, OPTION_TCP_CORK);
}

/* Whether nothing but what the program keeps can have left late: neither what windows held up, nor
 * what was not seen. */
static bool is_all_kept(const struct flow_fold *flow, const struct turn *turn)
{
	return turn->bytes_out < flow_mss(flow) && !has_unseen_writes(flow);
}

/* By the kernel's clock; where other bytes may have left last, its 200 ms must show, too. */
static void hit_by_clock(struct judge *judge, struct tally *tally, const struct flow_fold *flow,
	const struct turn *turn)
{
	const uint64_t held = beyond(turn->left, turn->written);
	const uint64_t lost = flow->serves ? held : least(held, blocked_of(turn));
	const bool proven = is_all_kept(flow, turn);

	if (lost < LEAST_HELD || !(proven || within(lost, CORK_LOW, CORK_HIGH)))
		return;
	tally_hit(
		tally, (struct hit){flow, turn->number, lost, lost, turn->written + lost, proven});
	turn_take(judge, flow, turn, PART_WAIT);
}

/* By what it took. */
static void hit_by_timing(struct judge *judge, struct tally *tally, const struct flow_fold *flow,
	const struct turn *turn)
{
	const uint64_t late = beyond(turn->wait, judge->base[flow->endpoint]);

	if (!within(late, CORK_LOW, CORK_HIGH))
		return;
	tally_hit(tally, (struct hit){flow, turn->number, turn->wait, late, turn->answered, false});
	turn_take(judge, flow, turn, PART_WAIT);
}

static void sort_turn(struct judge *judge, struct tally pair[2], const struct flow_fold *flow,
	const struct turn *turn)
{
	pair[0].of += turn->writes > 0;
	pair[1].of += turn->writes > 0;
	if (!turn_may_be_judged(judge, flow, turn))
		return;
	if (turn->more && turn->left)
		hit_by_clock(judge, turn->corked ? &pair[0] : &pair[1], flow, turn);
	else if (!turn->left && !flow->serves && was_corked_unseen(flow))
		hit_by_timing(judge, &pair[0], flow, turn);
}

/* A cork that was there before the connection no rule lets go when the program waits: it must not
 * be set at all. */
static void mend_cork(struct judge *judge, struct finding *finding)
{
	if (!was_corked_unseen(finding->flow)) {
		mend_waits(judge, finding);
		return;
	}
	finding->fix = FIX_RULE;
	mend_endpoint(
		&finding->mend, judge, finding, "tcp_cork = false; tcp_nodelay = true;", true);
}

static void report_n06(struct judge *judge, uint32_t e, struct tally *tally)
{
	struct finding *finding = judge_add(judge, "N06", e, tally);

	if (finding->sure != SURE_PROVEN)
		finding->lost_low = finding->lost_high * 9 / 10;
	finding_put(finding, what, "TCP_CORK is on while it waits: %llu of %llu",
		(unsigned long long)finding->hits, (unsigned long long)finding->of);
	judge_how(judge, finding, tally,
		"from each such turn's last write to when the kernel sent what the program told it "
		"to keep; where it could not be asked, waits of 200 ms less %.2f ms, the median of "
		"the others",
		(double)judge->base[e] / 1e6);
	mend_cork(judge, finding);
	judge_stalled(judge, finding, tally);
}

static void report_n07(struct judge *judge, uint32_t e, struct tally *tally)
{
	struct finding *finding = judge_add(judge, "N07", e, tally);

	finding_put(finding, what, "waits after a write with MSG_MORE: %llu of %llu",
		(unsigned long long)finding->hits, (unsigned long long)finding->of);
	judge_how(judge, finding, tally,
		"from each such write to when the kernel sent what the program told it to keep");
	mend_waits(judge, finding);
	judge_stalled(judge, finding, tally);
}

void find_cork(struct judge *judge)
{
	find_pair(judge, &(const struct pair){sort_turn, {report_n06, report_n07}});
}
