/* The arms of a proof: which connection or block of turns goes without the rules, and the options
 * that change between blocks.
 *
 * Must not know turns beyond counting them, nor hold or push: flow.c does both before it calls. */
#include "arm.h"

#include "decisions.h"
#include "learners.h"
#include "shadow.h"
#include "sockopt.h"

/* What can change while a connection lives. */
#define LIVE                                                                                       \
	(OPTION_BIT(OPTION_TCP_NODELAY) | OPTION_BIT(OPTION_TCP_QUICKACK) |                        \
		OPTION_BIT(OPTION_COALESCE) | OPTION_BIT(OPTION_COALESCE_DELAY))

static uint32_t block;
static _Atomic uint32_t connections;

void arm_start(uint32_t turns)
{
	block = turns;
}

bool arm_leaves_bare(struct flow *flow)
{
	const struct decision *decision = decision_at(flow->decision);

	if (!block || !decision || !(decision->set & ~LIVE))
		return false;
	flow_mark(flow, FLOW_PROVE);
	if (atomic_fetch_add(&connections, 1) % 2 == 0)
		return false;
	flow_mark(flow, FLOW_BARE);
	return true;
}

void arm_begin(struct flow *flow)
{
	static const uint8_t anybody[16];
	const struct decision *decision = decision_at(flow->decision);
	bool server = flow_is(flow, FLOW_SERVER);

	if (!block || !decision || decision->set & ~LIVE || flow_is(flow, FLOW_RESIGNED))
		return;
	if (flow->learner == &learner_nobodys)
		flow->learner = learner_of(server, server ? anybody : flow->peer, flow->port);
	flow->arm_mode = atomic_load(&flow->mode);
	if (flow->arm_mode == COALESCE_OFF)
		flow->arm_mode = COALESCE_WATCH;
	/* Many short connections are as good as one long one: every other begins bare. */
	flow->arm_turns = atomic_fetch_add(&connections, 1) % 2 ? block : 0;
	atomic_store(&flow->mode, flow->arm_mode);
	flow_mark(flow, FLOW_PROVE);
}

bool arm_is_over(struct flow *flow, uint64_t epoch)
{
	if (!flow->arm_mode || flow->arm_epoch == epoch)
		return false;
	flow->arm_epoch = epoch;
	return flow->arm_turns++ % block == 0 && flow->arm_turns > 1;
}

static bool wants(const struct flow *flow, int id)
{
	const struct decision *decision = decision_at(flow->decision);

	return decision->set & OPTION_BIT(id) && decision->value[id].number;
}

static void go_bare(struct flow *flow, int fd)
{
	const struct shadow *shadow = shadow_find(flow, OPTION_TCP_NODELAY);

	if (shadow && flow->ours & OPTION_BIT(OPTION_TCP_NODELAY))
		sockopt_restore(fd, flow_is(flow, FLOW_V6), OPTION_TCP_NODELAY, shadow->value,
			shadow->length);
	flow_unmark(flow, FLOW_QUICKACK);
	flow_mark(flow, FLOW_BARE);
	atomic_store(&flow->mode, COALESCE_WATCH);
}

static void go_mended(struct flow *flow, int fd)
{
	if (flow->ours & OPTION_BIT(OPTION_TCP_NODELAY))
		sockopt_nodelay(fd, wants(flow, OPTION_TCP_NODELAY) || flow_is(flow, FLOW_NODELAY));
	if (wants(flow, OPTION_TCP_QUICKACK))
		flow_mark(flow, FLOW_QUICKACK);
	flow_unmark(flow, FLOW_BARE);
	atomic_store(&flow->mode, flow->arm_mode);
}

void arm_switch(struct flow *flow, int fd)
{
	if (flow_is(flow, FLOW_RESIGNED))
		return;
	if (flow_is(flow, FLOW_BARE))
		go_mended(flow, fd);
	else
		go_bare(flow, fd);
}
