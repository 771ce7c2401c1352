/* Bytes that the program itself keeps back, and then waits: TCP_CORK left on (N06), MSG_MORE with
 * the last write (N07). The kernel lets them go after 200 ms (tcp(7), TCP_CORK), or with whatever
 * comes next. Of N06 only waits of that length count, of turns that no finding has taken yet; what
 * is lost is what they took beyond the median of the others. Of N07 the kernel's clock says how
 * long it was. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>

#include "rules/option.h"
#include "tools/find/judge.h"

/* Two ticks of the slowest kernel's clock. */
#define LEAST_HELD (20 * MS)

/* ---- N06 ---- */

static bool is_corked(const struct flow_fold *flow)
{
	return flow->connection->options.cork == 1 ||
	       (theirs(flow, OPTION_TCP_CORK) && flow->connection->options.cork != 0);
}

static void report_n06(struct judge *judge, uint32_t e, struct tally *tally)
{
	struct finding *finding = judge_add(judge, "N06", e, tally);

	finding->fix = FIX_RULE;
	finding->lost_low = finding->lost_high * 9 / 10;
	snprintf(finding->what, sizeof(finding->what),
		"TCP_CORK is on while it waits: %llu of %llu", (unsigned long long)tally->hits,
		(unsigned long long)tally->of);
	judge_how(judge, finding, tally,
		"waits of 200 ms of a corked connection, less %.2f ms, the median of the others",
		(double)judge->base[e] / 1e6);
	mend_endpoint(
		&finding->mend, judge, finding, "tcp_cork = false; tcp_nodelay = true;", true);
	judge_stalled(judge, finding, tally);
}

static void find_n06(struct judge *judge, uint32_t e)
{
	const struct fold *fold = judge->fold;
	struct tally tally = {0};

	for (size_t f = 0; f < fold->flows; f++) {
		const struct flow_fold *flow = &fold->flow[f];

		if (flow->endpoint != e || !is_corked(flow))
			continue;
		tally.of += flow->turns;
		for (size_t t = 0; t < flow->turns; t++) {
			uint64_t late = beyond(flow->turn[t].wait, judge->base[e]);

			if (!turn_is_clean(judge, flow, &flow->turn[t]) ||
				!within(late, CORK_LOW, CORK_HIGH))
				continue;
			tally_hit(&tally, (struct hit){flow, &flow->turn[t], flow->turn[t].wait,
						  late, flow->turn[t].answered, false});
			turn_take(judge, flow, &flow->turn[t], PART_WAIT);
		}
	}
	if (tally.hits > 0)
		report_n06(judge, e, &tally);
	tally_free(&tally);
}

/* ---- N07 ---- */

static void hit_n07(struct judge *judge, struct tally *tally, const struct flow_fold *flow,
	const struct turn *turn)
{
	const uint64_t held = turn->left ? beyond(turn->left, turn->written) : 0;
	const uint64_t lost = flow->serves ? held : least(held, blocked_of(flow, turn));

	if (!turn->more || lost < LEAST_HELD || !turn_may_be_judged(judge, flow, turn))
		return;
	tally_hit(tally, (struct hit){flow, turn, lost, lost, turn->written + lost, true});
	turn_take(judge, flow, turn, PART_WAIT);
}

static void report_n07(struct judge *judge, uint32_t e, struct tally *tally)
{
	struct finding *finding = judge_add(judge, "N07", e, tally);

	snprintf(finding->what, sizeof(finding->what),
		"waits after a write with MSG_MORE: %llu of %llu",
		(unsigned long long)finding->hits, (unsigned long long)finding->of);
	judge_how(judge, finding, tally,
		"from each such write to when the kernel sent what the program told it to keep");
	mend_waits(judge, finding);
	judge_stalled(judge, finding, tally);
}

static void find_n07(struct judge *judge, uint32_t e)
{
	const struct fold *fold = judge->fold;
	struct tally tally = {0};

	for (size_t f = 0; f < fold->flows; f++)
		for (size_t t = 0; fold->flow[f].endpoint == e && t < fold->flow[f].turns; t++) {
			tally.of += fold->flow[f].turn[t].writes > 0;
			hit_n07(judge, &tally, &fold->flow[f], &fold->flow[f].turn[t]);
		}
	if (tally.hits > 0)
		report_n07(judge, e, &tally);
	tally_free(&tally);
}

void find_cork(struct judge *judge)
{
	for (uint32_t e = 0; e < judge->fold->endpoints; e++) {
		find_n06(judge, e);
		find_n07(judge, e);
	}
}
