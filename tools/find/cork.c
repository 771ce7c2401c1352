/* TCP_CORK left on before a wait (N06): the kernel lets the rest of a turn go after 200 ms (tcp(7),
 * TCP_CORK). Only waits of that length count, of turns that no finding has taken yet; what is lost
 * is what they took beyond the median of the others. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>

#include "rules/option.h"
#include "tools/find/judge.h"

static bool is_corked(const struct flow_fold *flow)
{
	return flow->connection->options.cork == 1 ||
	       (theirs(flow, OPTION_TCP_CORK) && flow->connection->options.cork != 0);
}

static void report(struct judge *judge, uint32_t e, struct tally *tally)
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

void find_cork(struct judge *judge)
{
	const struct fold *fold = judge->fold;

	for (uint32_t e = 0; e < fold->endpoints; e++) {
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
				tally_hit(&tally,
					(struct hit){flow, &flow->turn[t], flow->turn[t].wait, late,
						flow->turn[t].answered, false});
				turn_take(judge, flow, &flow->turn[t], PART_WAIT);
			}
		}
		if (tally.hits > 0)
			report(judge, e, &tally);
		tally_free(&tally);
	}
}
