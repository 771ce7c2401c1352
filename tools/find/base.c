/* What an answer takes where nothing stalls: the measure of every second that is called lost. By
 * the medians of turns that surely did not stall: of the same kind, else of the endpoint. */
#include <stdlib.h>

#include "tools/find/judge.h"
#include "tools/find/timed.h"
#include "tools/base/memory.h"

#define ENOUGH 3
/* Of the kernel's clock at most (CONFIG_HZ=100). */
#define TICK (10 * MS)

/* Waits of some kinds of turns, to find the median of each kind. */
struct samples {
	uint64_t *wait;
	uint32_t *place; /* index of a signature or an endpoint */
	size_t count;
};

static void add(struct samples *samples, uint32_t place, uint64_t wait)
{
	samples->wait = memory_grow(samples->wait, samples->count, sizeof(*samples->wait));
	samples->place = memory_grow(samples->place, samples->count, sizeof(*samples->place));
	samples->wait[samples->count] = wait;
	samples->place[samples->count++] = place;
}

/* out[place] = the median of its samples, where there are enough; frees them. */
static void medians(struct samples *samples, size_t enough, uint64_t *out, size_t places)
{
	uint64_t *wait = memory_take(samples->count, sizeof(*wait));
	size_t *end = memory_take(places + 1, sizeof(*end));

	for (size_t i = 0; i < samples->count; i++)
		end[samples->place[i] + 1]++;
	for (size_t p = 0; p < places; p++)
		end[p + 1] += end[p];
	/* end[p] is where those of the place begin, and moves on with each. */
	for (size_t i = 0; i < samples->count; i++)
		wait[end[samples->place[i]]++] = samples->wait[i];
	for (size_t p = 0, first = 0; p < places; first = end[p++]) {
		sort_numbers(wait + first, end[p] - first);
		if (end[p] - first >= enough)
			out[p] = wait[first + (end[p] - first - 1) / 2];
	}
	free(wait);
	free(end);
	free(samples->wait);
	free(samples->place);
}

/* Quick for that path, and not held. A server's waits are its peers' pauses: no base is in them. */
static bool is_fast(const struct fold *fold, const struct flow_fold *flow, const struct turn *turn)
{
	return turn->answered && !turn->early && turn->writes > 0 && !turn->proven &&
	       turn->retrans == 0 &&
	       turn->wait < fold->endpoint[flow->endpoint].min_rtt + DELAYED_ACK_LOW;
}

/* The kernel was asked after the last write, and held nothing: however long the answer took, it was
 * no stall. (Beyond a turn's TRACE_ASKED'th write it seldom is. Where it never told of any,
 * delayed ACKs stay suspects.) */
static bool was_not_held(const struct flow_fold *flow, const struct turn *turn)
{
	return turn->answered && !turn->early && !turn->proven && !turn->mixed && !turn->retrans &&
	       turn->writes >= 2 && turn->writes <= TRACE_ASKED && !flow->serves &&
	       has_nagle(flow) && last_write_is_small(flow, turn) &&
	       (flow->connection->proven || !is_delayed_ack(turn->wait));
}

/* Kinds without a fast turn are measured by those that were not held: a peer that thinks for 100 ms
 * does so whether the kernel holds a segment back for a moment or not. more[]: of each signature
 * turns that were not held less those that were. Where most were held, the others are what the
 * kernel did not tell, and no measure. */
static void take_not_held(struct judge *judge, const int64_t *more)
{
	const struct fold *fold = judge->fold;
	struct samples like = {0};
	bool any = false;

	for (size_t s = 0; s < fold->signatures; s++)
		any = any || (more[s] > 0 && !judge->like[s]);
	for (size_t f = 0; any && f < fold->flows; f++)
		for_each_turn (turn, &fold->flow[f]) {
			if (more[turn->signature] > 0 && !judge->like[turn->signature] &&
				was_not_held(&fold->flow[f], turn))
				add(&like, turn->signature, turn->wait);
		}
	medians(&like, ENOUGH, judge->like, fold->signatures);
}

static void take_begins(struct judge *judge)
{
	const struct fold *fold = judge->fold;

	judge->begin = memory_take(fold->endpoints, sizeof(*judge->begin));
	judge->begin_like = memory_take(fold->signatures, sizeof(*judge->begin_like));
	for (size_t e = 0; e < fold->endpoints; e++)
		judge->begin[e] = UINT64_MAX;
	for (size_t s = 0; s < fold->signatures; s++)
		judge->begin_like[s] = UINT64_MAX;
	for (size_t f = 0; timed_only(judge) && f < fold->flows; f++)
		for_each_turn (turn, &fold->flow[f]) {
			uint64_t *begin = &judge->begin[fold->flow[f].endpoint];
			uint64_t *like = &judge->begin_like[turn->signature];

			if (!turn->early || !turn->answered || !turn->writes)
				continue;
			*begin = least(*begin, turn->wait);
			*like = least(*like, turn->wait);
		}
}

void bases_take(struct judge *judge)
{
	const struct fold *fold = judge->fold;
	struct samples any = {0}, joint = {0}, like = {0};
	int64_t *more = memory_take(fold->signatures, sizeof(*more));

	judge->base = memory_take(fold->endpoints, sizeof(*judge->base));
	judge->joint = memory_take(fold->endpoints, sizeof(*judge->joint));
	judge->like = memory_take(fold->signatures, sizeof(*judge->like));
	for (size_t e = 0; e < fold->endpoints; e++)
		judge->base[e] = fold->endpoint[e].min_rtt;
	for (size_t f = 0; f < fold->flows; f++)
		for_each_turn (turn, &fold->flow[f]) {
			more[turn->signature] += was_not_held(&fold->flow[f], turn);
			more[turn->signature] -= turn->proven;
			if (!is_fast(fold, &fold->flow[f], turn))
				continue;
			add(&any, fold->flow[f].endpoint, turn->wait);
			if (turn->writes < 2)
				continue;
			add(&joint, fold->flow[f].endpoint, turn->wait);
			add(&like, turn->signature, turn->wait);
		}
	medians(&any, 1, judge->base, fold->endpoints);
	medians(&joint, ENOUGH, judge->joint, fold->endpoints);
	medians(&like, ENOUGH, judge->like, fold->signatures);
	/* Nobody was asked what was held and what was not. */
	if (!timed_only(judge))
		take_not_held(judge, more);
	take_begins(judge);
	free(more);
}

uint64_t base_of_turn(const struct judge *judge, const struct flow_fold *flow,
	const struct turn *turn, bool *like)
{
	uint64_t own = turn->signature < judge->fold->signatures ? judge->like[turn->signature] : 0;

	own = own ? own : judge->joint[flow->endpoint];
	*like = own != 0;
	return *like ? own : judge->base[flow->endpoint];
}

bool turn_was_asked(const struct turn *turn)
{
	return turn->asked && trace_asks_after(turn->writes);
}

/* The bytes that others wait for are no older than the turn's first write. */
static uint64_t least_hold(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	const uint64_t began = flow->serves ? turn->begin + turn->think : turn->begin;

	return beyond(judge->fold->endpoint[flow->endpoint].min_rtt, beyond(turn->written, began));
}

uint64_t turn_was_held(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	const uint64_t held = beyond(turn->left, turn->written);
	bool like;

	if (!turn->left)
		return 0;
	if (held < TICK)
		return least(least_hold(judge, flow, turn), turn->wait);
	/* The answer came within the tick: it took its time nevertheless. */
	return least(held, beyond(turn->wait, least(base_of_turn(judge, flow, turn, &like), TICK)));
}

/* A program that asks again and again without blocking waits as well as one that blocks. */
uint64_t blocked_of(const struct turn *turn)
{
	if (turn->polled)
		return turn->wait;
	return least(turn->blocked, turn->wait);
}
