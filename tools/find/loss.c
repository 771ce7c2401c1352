/* Segments that had to be sent again (S09): the network's doing, proven by the kernel's counter. It
 * goes before every other code, because a lost segment looks like any stall. */

#include "tools/base/plural.h"
#include "tools/find/judge.h"

/* A minimal RTO is 200 ms on Linux (RFC 6298 asks for 1 s), and doubles. */
#define RTO	 (200 * MS)
#define RTO_MOST (2 * S)

/* The kernel counts our lost segments, not the peer's, and was not asked in every turn: where ours
 * are lost, a wait of full RTOs is likely one of both. */
static bool is_rto(uint64_t late)
{
	return late >= CORK_LOW && late <= RTO_MOST &&
	       (late + RTO - CORK_LOW) % RTO <= CORK_HIGH - CORK_LOW;
}

static uint64_t sent_again(const struct flow_fold *flow)
{
	return beyond(flow->connection->at_close.total_retrans,
		flow->connection->at_connect.total_retrans);
}

static void report(struct judge *judge, uint32_t e, struct tally *tally, uint64_t retrans)
{
	struct finding *finding = judge_add(judge, "S09", e, tally);

	finding->fix = FIX_SYSTEM;
	finding_put(finding, what, "%llu segment%s sent again; %llu turn%s waited for it",
		(unsigned long long)retrans, plural(retrans), (unsigned long long)finding->hits,
		plural(finding->hits));
	judge_how(judge, finding, tally,
		"waits of turns in which tcpi_total_retrans rose, and of full RTOs (200 ms) on "
		"such connections: likely the peer's loss; less %.2f ms, the median of the others",
		(double)judge->base[e] / 1e6);
	finding_put(
		finding, no_rule, "no rule mends this: packets are lost between here and the peer");
	judge_stalled(judge, finding, tally);
}

static void sort_turn(struct judge *judge, struct tally *tally, const struct flow_fold *flow,
	const struct turn *turn)
{
	bool like;
	uint64_t late = beyond(turn->wait, base_of_turn(judge, flow, turn, &like));
	uint64_t blocked = blocked_of(turn);

	if (!turn->answered || flow->serves || waited_for_queue(judge, flow, turn))
		return;
	if (turn->retrans == 0 && (!sent_again(flow) || turn->mixed || !is_rto(late)))
		return;
	tally_hit(tally, (struct hit){flow, turn->number, turn->wait, least(late, blocked),
				 turn->answered, turn->retrans > 0});
	turn_take(judge, flow, turn, PART_ALL);
}

void find_loss(struct judge *judge)
{
	const struct fold *fold = judge->fold;

	for (uint32_t e = 0; e < fold->endpoints; e++) {
		struct tally tally = {0};
		uint64_t retrans = 0;

		for_each_flow (flow, fold, e) {
			retrans += sent_again(flow);
			tally.of += flow->turns;
			if (!flow->sums.retrans && !sent_again(flow))
				continue;
			for_each_turn (turn, flow)
				sort_turn(judge, &tally, flow, turn);
		}
		if (tally.hits > 0)
			report(judge, e, &tally, retrans);
		tally_free(&tally);
	}
}
