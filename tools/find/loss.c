/* Segments that had to be sent again (S09): the network's doing, proven by the kernel's counter. It
 * goes before every other code, because a lost segment looks like any stall. */
#include <stdio.h>

#include "tools/find/judge.h"

static void report(struct judge *judge, uint32_t e, struct tally *tally, uint64_t retrans)
{
	struct finding *finding = judge_add(judge, "S09", e, tally);

	snprintf(finding->what, sizeof(finding->what), "%llu segments sent again, in %llu turns",
		(unsigned long long)retrans, (unsigned long long)tally->hits);
	snprintf(finding->how, sizeof(finding->how),
		"waits of turns in which tcpi_total_retrans rose, less %.2f ms, the median of the "
		"others",
		(double)judge->base[e] / 1e6);
	snprintf(finding->no_rule, sizeof(finding->no_rule),
		"no rule mends this: packets are lost between here and the peer");
	judge_stalled(judge, tally->lost);
}

void find_loss(struct judge *judge)
{
	const struct fold *fold = judge->fold;

	for (uint32_t e = 0; e < fold->endpoints; e++) {
		struct tally tally = {0};
		uint64_t retrans = 0;

		for (size_t f = 0; f < fold->flows; f++) {
			const struct flow_fold *flow = &fold->flow[f];

			if (flow->endpoint != e)
				continue;
			retrans += flow->connection->at_close.total_retrans;
			tally.of += flow->turns;
			for (size_t t = 0; t < flow->turns; t++)
				if (flow->turn[t].retrans > 0 && flow->turn[t].answered) {
					tally_hit(&tally, flow, &flow->turn[t], flow->turn[t].wait,
						beyond(flow->turn[t].wait, judge->base[e]), true);
					judge->taken[f][t] = 1;
				}
		}
		if (tally.hits > 0)
			report(judge, e, &tally, retrans);
		tally_free(&tally);
	}
}
