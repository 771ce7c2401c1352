/* The arms of a proof: which connection or block of turns goes without the rules, and the options
 * that change between blocks.
 *
 * Must not know turns beyond counting them, nor hold or push: flow.c does both before it calls. */
#include "shim/settle/proof.h"

#include "shim/settle/decisions.h"
#include "shim/base/kernel.h"
#include "shim/pure/lot.h"
#include "shim/table/learners.h"
#include "shim/settle/sockopt.h"

/* What can change while a connection lives. */
#define LIVE                                                                                       \
	(OPTION_BIT(OPTION_TCP_NODELAY) | OPTION_BIT(OPTION_TCP_QUICKACK) |                        \
		OPTION_BIT(OPTION_COALESCE) | OPTION_BIT(OPTION_COALESCE_DELAY))

uint32_t proof_block;
static uint64_t seed;
static _Atomic uint32_t connections;

void proof_start(uint32_t turns)
{
	proof_block = turns;
	if (turns)
		kernel_call(SYS_getrandom, &seed, sizeof(seed), 1);
}

/* Tosses a coin for each pair; one of the pair is bare. What the program does by turns itself
 * (every other connection, every eighth mail) must not fall into one arm. */
static bool toss(uint32_t connection, uint32_t pair)
{
	const uint64_t which = (uint64_t)connection << 32 | pair;

	/* children have their parent's seed */
	return lot_draw(seed + lot_draw(which) + ((uint64_t)kernel_call(SYS_getpid) << 20)) & 1;
}

/* Of a connection, or of the first block of its turns. */
static bool begins_bare(uint32_t connection)
{
	return toss(UINT32_MAX, connection / 2) ^ (connection & 1);
}

static bool is_bare(const struct flow *flow, uint32_t number)
{
	const bool first = number < 2 ? begins_bare(flow->arm_connection)
				      : toss(flow->arm_connection, number / 2);

	return first ^ (number & 1);
}

bool proof_leaves_bare(struct flow *flow)
{
	const struct decision *decision = decision_at(flow->decision);

	if (!proof_block || !decision || !(decision->set & ~LIVE))
		return false;
	flow_mark(flow, FLOW_PROVE);
	if (!begins_bare(atomic_fetch_add(&connections, 1)))
		return false;
	flow_mark(flow, FLOW_BARE);
	return true;
}

void proof_begin(struct flow *flow)
{
	static const uint8_t anybody[16];
	const struct decision *decision = decision_at(flow->decision);
	bool server = flow_is(flow, FLOW_SERVER);

	if (!proof_block || !decision || decision->set & ~LIVE || flow_is(flow, FLOW_RESIGNED))
		return;
	if (flow->learner == &learner_nobodys) {
		flow->turn.same_writes = 0;
		flow->learner = learner_of(server, server ? anybody : flow->peer, flow->port);
	}
	flow->arm_mode = atomic_load(&flow->mode);
	if (flow->arm_mode == COALESCE_OFF)
		flow->arm_mode = COALESCE_WATCH;
	/* Many short connections are as good as one long one: half of them begin bare. */
	flow->arm_connection = atomic_fetch_add(&connections, 1);
	flow->arm_turns = 0;
	atomic_store(&flow->mode, flow->arm_mode);
	flow_mark(flow, FLOW_PROVE);
}

bool proof_is_over(struct flow *flow, uint64_t epoch)
{
	uint32_t turn;

	if (!flow->arm_mode || flow->arm_epoch == epoch)
		return false;
	flow->arm_epoch = epoch;
	turn = flow->arm_turns++;
	return turn % proof_block == 0 &&
	       is_bare(flow, turn / proof_block) != flow_is(flow, FLOW_BARE);
}

static bool wants(const struct flow *flow, int id)
{
	const struct decision *decision = decision_at(flow->decision);

	return decision->set & OPTION_BIT(id) && decision->value[id].number;
}

static void go_bare(struct flow *flow, int fd)
{
	if (flow->ours & OPTION_BIT(OPTION_TCP_NODELAY))
		sockopt_nodelay(fd, flow->own_nodelay);
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

void proof_switch(struct flow *flow, int fd)
{
	if (flow_is(flow, FLOW_RESIGNED))
		return;
	if (flow_is(flow, FLOW_BARE))
		go_mended(flow, fd);
	else
		go_bare(flow, fd);
}
