/* Which rule ends a wait, or joins small writes, on connections whose writes the library may have
 * to leave alone: TRACE_GIVEN_UP in shim/trace_format.h. A rule that the library would not follow
 * there is not suggested. Judges no waits. */

#include "tools/find/judge.h"
#include "tools/find/ours.h"
#include "tools/base/plural.h"

#define JOIN "coalesce = \"auto\";"
#define SEND "tcp_nodelay = true; coalesce = \"off\";"
/* For an endpoint whose connections want the one or the other. */
#define BOTH "tcp_nodelay = true; coalesce = \"auto\";"

/* What a rule for all connections of an endpoint must do; none of these: joining will do. */
enum cure {
	CURE_LETS_GO = 1 << 0, /* push what the program itself keeps back: coalesce, by force */
	CURE_SENDS = 1 << 1,   /* TCP_NODELAY: nothing may be joined */
	CURE_FORCES = 1 << 2,  /* against what the program sets */
	CURE_NONE = 1 << 3,    /* no rule can do it */
};

/* As the library does it (shim/settle/program.c, shim/settle/nodelay.c, shim/flow/flow.c): a rule
 * with `force` puts TCP_NODELAY back whenever the program takes it away, and outlasts the program's
 * own MSG_MORE and TCP_CORK; but neither MSG_OOB and MSG_ZEROCOPY nor a cork that was there before
 * the connection, and these have no reason of their own. Of the others only options are left, which
 * are set all the same. The last four only end `buffer`; `auto` can join there. */
static const uint8_t cure_table[] = {
	[GIVEN_UP_NOT] = 0,
	[GIVEN_UP_NODELAY] = CURE_SENDS | CURE_FORCES,
	[GIVEN_UP_CORK] = CURE_SENDS | CURE_LETS_GO | CURE_FORCES,
	[GIVEN_UP_MORE] = CURE_SENDS | CURE_LETS_GO | CURE_FORCES,
	[GIVEN_UP_LINGER] = CURE_SENDS,
	[GIVEN_UP_ULP] = CURE_SENDS,
	[GIVEN_UP_REPAIR] = CURE_SENDS,
	[GIVEN_UP_STDIO] = CURE_SENDS,
	[GIVEN_UP_REFUSED] = CURE_NONE,
	[GIVEN_UP_SHARED] = 0,
	[GIVEN_UP_CALLS] = 0,
	[GIVEN_UP_SIGNAL] = 0,
	[GIVEN_UP_THREAD] = 0,
};
_Static_assert(sizeof(cure_table) == GIVEN_UP_COUNT, "each reason has its cure");

/* What a program sends with MSG_MORE no run without rules gives up; its events tell. */
static unsigned cure_of(const struct flow_fold *flow)
{
	const enum trace_given_up why = flow->connection->given_up;

	if (why == GIVEN_UP_NOT && flow->sends_more)
		return CURE_LETS_GO | CURE_FORCES;
	/* What was held too late there is better not held. */
	return cure_table[why] | (why == GIVEN_UP_NOT && flow->connection->late ? CURE_SENDS : 0);
}

/* What one rule must do for all of them. That no rule works somewhere matters where none works
 * anywhere. */
static unsigned cure_of_all(const struct judge *judge, uint32_t endpoint)
{
	const struct fold *fold = judge->fold;
	unsigned all = 0;
	bool any = false;

	for_each_flow (flow, fold, endpoint) {
		if (!flow->turns || cure_of(flow) == CURE_NONE)
			continue;
		all |= cure_of(flow);
		any = true;
	}
	return any ? all : CURE_NONE;
}

/* ---- TCP_NODELAY by a rule ---- */

/* What the program itself has set to 0 a rule without force leaves so. */
bool is_nodelay_off(const struct judge *judge, uint32_t endpoint)
{
	const struct fold *fold = judge->fold;

	for_each_flow (flow, fold, endpoint)
		if (flow->nodelay_off)
			return true;
	return false;
}

void mend_by_sending(struct judge *judge, const struct finding *finding, struct mend *mend)
{
	const bool force = cure_of_all(judge, finding->endpoint) & CURE_FORCES ||
			   is_nodelay_off(judge, finding->endpoint);

	mend_endpoint(mend, judge, finding, SEND, force);
}

/* ---- for waits ---- */

static void say_refused(struct finding *finding)
{
	finding->fix = FIX_APP;
	finding_put(finding, no_rule, "no rule mends this: %s", given_up_reason(GIVEN_UP_REFUSED));
}

static void join(struct judge *judge, struct finding *finding)
{
	mend_endpoint(&finding->mend, judge, finding, JOIN, false);
	mend_by_sending(judge, finding, &finding->second);
	finding_put(finding, second_price, "cures the wait, too, and sends %llu more segment%s",
		(unsigned long long)finding->hits, plural(finding->hits));
	finding->saved_segments = finding->hits;
}

void mend_waits(struct judge *judge, struct finding *finding)
{
	const unsigned cure = cure_of_all(judge, finding->endpoint);

	finding->fix = FIX_RULE;
	if (cure & CURE_NONE)
		say_refused(finding);
	else if (cure & CURE_SENDS && cure & CURE_LETS_GO &&
		 !never_joined(judge, finding->endpoint))
		mend_endpoint(&finding->mend, judge, finding, BOTH, true);
	else if (cure & CURE_SENDS || never_joined(judge, finding->endpoint))
		mend_by_sending(judge, finding, &finding->mend);
	else if (cure & CURE_LETS_GO)
		mend_endpoint(&finding->mend, judge, finding, JOIN, true);
	else
		join(judge, finding);
}

/* ---- for many small writes ---- */

/* Whether nothing of what the connection writes can be joined. */
static bool is_left_alone(const struct flow_fold *flow)
{
	return flow->connection->given_up && cure_of(flow) & (CURE_SENDS | CURE_NONE) &&
	       !(cure_of(flow) & CURE_LETS_GO);
}

static void say_left_alone(struct finding *finding, enum trace_given_up why)
{
	finding->fix = FIX_APP;
	finding_put(finding, no_rule,
		"no rule mends this: the library leaves such writes as they are (%s)",
		given_up_reason(why));
}

/* Why all connections of the endpoint are left alone; GIVEN_UP_NOT: some are not. */
static enum trace_given_up all_left_alone(const struct fold *fold, uint32_t endpoint)
{
	enum trace_given_up why = GIVEN_UP_NOT;

	for_each_flow (flow, fold, endpoint) {
		if (!flow->turns)
			continue;
		if (!is_left_alone(flow))
			return GIVEN_UP_NOT;
		why = flow->connection->given_up;
	}
	return why;
}

static void join_many(struct judge *judge, struct finding *finding)
{
	const bool force = cure_of_all(judge, finding->endpoint) & CURE_LETS_GO;

	finding->fix = FIX_RULE;
	mend_endpoint(&finding->mend, judge, finding,
		"coalesce = \"always\"; coalesce_delay = \"2ms\";", force);
	if (force)
		return;
	mend_endpoint(&finding->second, judge, finding,
		"coalesce = \"buffer\"; accept_loss = true;", false);
	finding_put(finding, second_price,
		"saves the calls, too; what is collected is lost if a signal kills the program");
}

void mend_small(struct judge *judge, struct finding *finding)
{
	const enum trace_given_up why = all_left_alone(judge->fold, finding->endpoint);

	if (why) {
		say_left_alone(finding, why);
	} else if (never_joined(judge, finding->endpoint)) {
		finding->fix = FIX_APP;
		finding_put(finding, no_rule,
			"no rule mends this: at this port one message must stay one segment");
	} else {
		join_many(judge, finding);
	}
}
