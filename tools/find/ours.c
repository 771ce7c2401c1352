/* What the library did, by its own counters, and the writes that it held too long (X01). That loss
 * is counted where it happens and not estimated, so it is proven. */
#include "tools/find/ours.h"

#include "tools/find/judge.h"

static void add_flow(struct ours *ours, const struct flow_fold *flow)
{
	const struct trace_connection *connection = flow->connection;

	ours->held += connection->holds;
	ours->late += connection->late;
	ours->late_ns += least(connection->late_ns, life_of(flow));
	ours->slow_ns += least(connection->slow_ns, life_of(flow));
	ours->acks_learnt += connection->acks_learnt;
	ours->acks_dropped += connection->acks_dropped;
	ours->acks_won += connection->acks_won;
	ours->nagle_kept += connection->nagle_kept;
	ours->nagle_waited += connection->nagle_waited;
	for (int id = 0; id < OPTION_COUNT; id++)
		ours->set[id] += (connection->ours & OPTION_BIT(id)) != 0;
	/* Where no rule was, nothing would have been done to it anyway. */
	if (flow->process->header.rules_active)
		ours->given_up[connection->given_up]++;
}

struct ours ours_of(const struct fold *fold, uint32_t endpoint)
{
	struct ours ours = {0};

	if (endpoint != OURS_OF_ALL)
		for_each_flow (flow, fold, endpoint)
			add_flow(&ours, flow);
	for (size_t f = 0; endpoint == OURS_OF_ALL && f < fold->flows; f++)
		add_flow(&ours, &fold->flow[f]);
	ours.given_up[GIVEN_UP_NOT] = 0;
	return ours;
}

/* ---- X01 ---- */

/* The turn in which a write was held longest: the excerpt. */
static void take_turn(struct finding *finding, const struct fold *fold)
{
	uint64_t longest = 0;

	for_each_flow (flow, fold, finding->endpoint) {
		if (!flow->connection->late || flow->held_longest <= longest)
			continue;
		longest = flow->held_longest;
		finding->flow = flow;
		finding->turn = *turn_at(flow, flow->held_turn);
	}
}

static void report(struct judge *judge, uint32_t e, const struct ours *ours)
{
	struct finding *finding = judge_add(judge, "X01", e, NULL);

	finding->sure = SURE_PROVEN;
	finding->hits = ours->late;
	finding->of = ours->held > ours->late ? ours->held : ours->late;
	finding->lost_low = finding->lost_high = ours->late_ns;
	finding->minor = judge_is_minor(judge, finding);
	take_turn(finding, judge->fold);
	finding_put(finding, what, "sockfix held a write too long: %llu of %llu",
		(unsigned long long)finding->hits, (unsigned long long)finding->of);
	finding_put(finding, how,
		"the library's own count of how long each such write was held, 208 ms at most; "
		"what the program computed meanwhile anyway is in it");
	mend_by_sending(judge, finding, &finding->mend);
	finding->fix = FIX_RULE;
}

void find_ours(struct judge *judge)
{
	for (uint32_t e = 0; e < judge->fold->endpoints; e++) {
		const struct ours ours = ours_of(judge->fold, e);

		if (ours.late)
			report(judge, e, &ours);
	}
}
