/* Does on a connection that is in use what new rules say. Other threads may be in the middle of
 * writes on it, as where a program begins to manage its sending itself: what they hold goes when
 * they find another mode, or wait.
 *
 * Must not let a flow begin to collect: a write that is under way would come before or behind what
 * is collected as it likes. */
#include "shim/settle/renew.h"

#include "shim/base/address.h"
#include "shim/settle/apply.h"
#include "shim/settle/decisions.h"
#include "shim/settle/settle.h"
#include "shim/table/fdtab.h"

bool renew_decide(struct flow *flow, int fd)
{
	bool peer_known;

	if (!flow_is(flow, FLOW_SETTLED) ||
		flow_is(flow, FLOW_LISTENS | FLOW_RESIGNED | FLOW_PROVE))
		return false;
	/* Whom it was accepted from nobody may have asked for. */
	peer_known = !flow_is(flow, FLOW_SERVER) ||
		     (decisions_ask_for_peer() && address_peer(fd, flow->peer, &flow->peer_port));
	settle_decide(flow, fd, peer_known);
	return true;
}

bool renew_ends_collecting(const struct flow *flow)
{
	return settle_mode(flow) != COALESCE_BUFFER;
}

/* What is set, and may stay. What cannot be set on a connection cannot be taken back either. */
static uint64_t kept(const struct flow *flow, enum coalesce mode)
{
	const struct decision *decision = decision_at(flow->decision);
	uint64_t set =
		(decision ? decision->set : 0) | ~(OPTIONS_LIVE | OPTION_BIT(OPTION_TCP_CORK));

	/* what the program has set itself is not ours to use */
	return mode == COALESCE_OFF || has(flow->theirs, OPTION_TCP_NODELAY)
		       ? set
		       : set | OPTION_BIT(OPTION_TCP_NODELAY);
}

/* A rule that names it says what it is, and it is lent to nobody. */
static void leave_nodelay_to_rule(struct flow *flow)
{
	const struct decision *decision = decision_at(flow->decision);

	if (decision && has(decision->set, OPTION_TCP_NODELAY))
		flow_unmark(flow, FLOW_NODELAY | FLOW_LENT);
}

void renew_apply(struct flow *flow, int fd)
{
	const enum coalesce was = (enum coalesce)atomic_load(&flow->mode);
	enum coalesce mode = settle_mode(flow);
	/* "buffer" is nothing that a connection begins or leaves here: it goes on as it was */
	const bool goes_on =
		was != COALESCE_OFF && (was == COALESCE_BUFFER || mode == COALESCE_BUFFER);

	if (was == COALESCE_BUFFER || mode == COALESCE_BUFFER)
		mode = was;
	if (mode != was)
		atomic_store(&flow->mode, COALESCE_OFF);
	if (!goes_on)
		flow_unmark(flow, FLOW_QUICKACK | FLOW_FORCED | FLOW_ACKS | FLOW_DUE);
	settle_take_back(flow, fd, kept(flow, mode));
	leave_nodelay_to_rule(flow);
	if (flow->decision < 0)
		return;
	settle_apply_live(flow, fd);
	if (mode != COALESCE_BUFFER && settle_mode(flow) != COALESCE_BUFFER)
		settle_choose_mode(flow, fd);
	/* Without `force` a program that corks manages its segments. */
	if (flow_is(flow, FLOW_OWN_CORK) && !flow_is(flow, FLOW_FORCED))
		settle_resign(flow, fd, GIVEN_UP_CORK);
}
