/* Where no kernel was asked a stall is known by two things: small writes that wait for 40 ms as
 * exactly as only a timer does, and turns of the same connection that did not, be it those with
 * which it began, which the peer acknowledges at once. Must not call anything proven. */
#include "tools/find/timed.h"

#include <stdlib.h>

#include "tools/base/memory.h"

#define SPREAD	     (8 * MS) /* of the middle half: a busy host delays some */
#define SPREAD_ALONE (3 * MS) /* where no turn of that kind went without: work is not so exact */
/* Half of them at least; TCP_DELACK_MIN is 40 ms, and the ticks of a slow clock are 4. */
#define ACK_LEAST (37 * MS)
#define ACK_MOST  (48 * MS)
#define ENOUGH	  3

/* What the same endpoint's turns take whose peer had no reason to delay an ACK. */
static uint64_t base_of(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	bool like;
	const uint64_t base = base_of_turn(judge, flow, turn, &like);
	const uint64_t own = judge->begin_like[turn->signature];
	/* those of another kind only where none of its own stands at a beginning */
	const uint64_t begin = own < UINT64_MAX ? own : judge->begin[flow->endpoint];

	return like || begin == UINT64_MAX || begin < base ? base : begin;
}

uint64_t timed_hold(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	const uint64_t late = beyond(turn->wait, base_of(judge, flow, turn));

	if (!has_nagle(flow) || turn->writes < 2 || !last_write_is_small(flow, turn) ||
		!is_delayed_ack(late) ||
		turn->wait <= 5 * judge->fold->endpoint[flow->endpoint].min_rtt)
		return 0;
	return late;
}

static uint64_t lost_at(const struct tally *tally, double share)
{
	struct hits hits = {.tally = tally};
	uint64_t *lost = memory_take(tally->hits, sizeof(*lost)), value;
	size_t count = 0;

	while (hits_next(&hits))
		lost[count++] = hits.hit.lost;
	sort_numbers(lost, count);
	value = quantile(lost, count, share);
	free(lost);
	return value;
}

void timed_how(struct judge *judge, struct finding *finding, const struct tally *tally)
{
	judge_how(judge, finding, tally,
		"each such wait less what turns of its kind took that did not wait so, or those "
		"with which connections begin; by time alone, for no kernel was asked");
}

/* Turns of the same kind that were not held: else the peer may take so long for this kind alone. */
static bool has_its_like(const struct judge *judge, const struct finding *finding)
{
	bool like;

	if (!finding->turn.steps)
		return false;
	base_of_turn(judge, finding->flow, &finding->turn, &like);
	return like || judge->begin_like[finding->turn.signature] < UINT64_MAX;
}

void timed_settle(struct judge *judge, struct finding *finding, const struct tally *tally)
{
	const uint64_t spread = has_its_like(judge, finding) ? SPREAD : SPREAD_ALONE;
	const bool regular = tally->hits >= ENOUGH &&
			     within(lost_at(tally, 0.5), ACK_LEAST, ACK_MOST) &&
			     lost_at(tally, 0.75) - lost_at(tally, 0.25) <= spread;

	finding->sure = regular ? SURE_LIKELY : SURE_POSSIBLE;
	finding->lost_low = regular ? finding->lost_high * 9 / 10 : 0;
	if (!regular)
		finding->fix = FIX_PROVE;
}
