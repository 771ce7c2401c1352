/* Transactions: a turn, and the connect before a connection's first. Whether averages hide that a
 * few of them took very long. */
#include <stdlib.h>

#include "tools/base/memory.h"
#include "tools/base/numbers.h"
#include "tools/find/verdict.h"

enum { SPIKE = 100, TURNS_LEAST = 100 };

static void add_flow(struct transactions *all, const struct flow_fold *flow)
{
	for_each_turn (turn, flow) {
		if (!turn->answered || !turn->writes)
			continue;
		all->took = memory_grow(all->took, all->count, sizeof(*all->took));
		all->took[all->count++] = turn->wait + (turn->number ? 0 : flow->connect_took);
	}
}

struct transactions transactions_take(const struct fold *fold, uint32_t endpoint)
{
	struct transactions all = {0};

	for_each_flow (flow, fold, endpoint)
		add_flow(&all, flow);
	if (!all.count)
		return all;
	sort_numbers(all.took, all.count);
	all.p50 = all.took[(all.count - 1) / 2];
	all.p99 = all.took[(all.count - 1) * 99 / 100];
	all.max = all.took[all.count - 1];
	all.spikes = all.count >= TURNS_LEAST && all.max / SPIKE > all.took[all.count / 2];
	return all;
}

void transactions_free(struct transactions *all)
{
	free(all->took);
}
