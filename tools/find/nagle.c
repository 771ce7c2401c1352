/* Small writes held back by Nagle until a delayed ACK: ours (N01), as a server (N02), and a peer's
 * that wait for our ACK (N11). A turn is proven by the kernel's own queue (EVENT_PROVEN). */
#include <stdio.h>

#include "rules/option.h"
#include "tools/find/judge.h"

/* Whether the kernel may hold small segments of it back. */
static bool has_nagle(const struct flow_fold *flow)
{
	return flow->connection->options.nodelay != 1;
}

static bool last_write_is_small(const struct flow_fold *flow, const struct turn *turn)
{
	const struct step *last = NULL;

	for (size_t s = 0; s < turn->steps; s++)
		if (flow->step[turn->first + s].writes && flow->step[turn->first + s].done)
			last = &flow->step[turn->first + s];
	return last && last->done < mss_of(flow);
}

/* By its pattern and its timing alone. */
static bool looks_held(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	uint64_t base = judge->base[flow->endpoint];

	return has_nagle(flow) && turn->writes >= 2 && last_write_is_small(flow, turn) &&
	       (is_delayed_ack(beyond(turn->wait, base)) ||
		       within(beyond(turn->wait, base), CORK_LOW, CORK_HIGH)) &&
	       turn->wait > 5 * judge->fold->endpoint[flow->endpoint].min_rtt;
}

static bool is_n01(const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	uint64_t base = judge->base[flow->endpoint];

	if (flow->serves || turn->writes < 2)
		return false;
	return turn->proven ? turn->wait > base + 5 * MS : looks_held(judge, flow, turn);
}

/* What the thread was blocked for, where it did something else meanwhile. */
static uint64_t waited(const struct turn *turn)
{
	return turn->blocked && turn->blocked < turn->wait ? turn->blocked : turn->wait;
}

static void report_n01(struct judge *judge, uint32_t e, struct tally *tally)
{
	struct finding *finding = judge_add(judge, "N01", e, tally);

	finding->fix = finding->sure == SURE_LIKELY && tally->proven == 0 ? FIX_PROVE : FIX_RULE;
	snprintf(finding->what, sizeof(finding->what), "2 small writes, then a read: %llu of %llu",
		(unsigned long long)tally->hits, (unsigned long long)tally->of);
	snprintf(finding->how, sizeof(finding->how),
		"each such turn's wait less %.2f ms, the median of the endpoint's turns that did "
		"not "
		"stall",
		(double)judge->base[e] / 1e6);
	mend_endpoint(&finding->mend, judge, finding, "coalesce = \"auto\";", false);
	mend_endpoint(
		&finding->second, judge, finding, "tcp_nodelay = true; coalesce = \"off\";", false);
	snprintf(finding->second_price, sizeof(finding->second_price),
		"cures the wait, too, and sends %llu more segments",
		(unsigned long long)tally->hits);
	finding->saved_segments = tally->hits;
	judge_stalled(judge, tally->lost);
}

/* The time that the answer's first held part was on its way, at most what a delayed ACK takes. */
static uint64_t held_for(const struct turn *turn)
{
	uint64_t held = beyond(turn->answered, turn->held);

	return held < 50 * MS ? held : 44 * MS;
}

static void report_n02(struct judge *judge, uint32_t e, struct tally *tally)
{
	struct finding *finding = judge_add(judge, "N02", e, tally);

	finding->fix = FIX_RULE;
	snprintf(finding->what, sizeof(finding->what),
		"answers in 2 small writes, the second held: %llu of %llu",
		(unsigned long long)tally->hits, (unsigned long long)tally->of);
	snprintf(finding->how, sizeof(finding->how),
		"from the held write to the peer's next word, at most a delayed ACK; the client "
		"waits that long");
	mend_endpoint(&finding->mend, judge, finding, "coalesce = \"auto\";", false);
	mend_endpoint(
		&finding->second, judge, finding, "tcp_nodelay = true; coalesce = \"off\";", false);
	snprintf(finding->second_price, sizeof(finding->second_price),
		"cures the wait, too, and sends %llu more segments",
		(unsigned long long)tally->hits);
	finding->saved_segments = tally->hits;
	judge_stalled(judge, tally->lost);
}

static void report_n11(struct judge *judge, uint32_t e, struct tally *tally)
{
	struct finding *finding = judge_add(judge, "N11", e, tally);

	finding->fix = FIX_RULE;
	finding->lost_low = tally->lost * 9 / 10;
	snprintf(finding->what, sizeof(finding->what),
		"answers come in 2 parts, %.0f ms apart: %llu of %llu", (double)finding->p50 / 1e6,
		(unsigned long long)tally->hits, (unsigned long long)tally->of);
	snprintf(finding->how, sizeof(finding->how),
		"the pause between the parts, less the round trip: the peer waits for our ACK, "
		"which "
		"this kernel delays");
	mend_endpoint(&finding->mend, judge, finding, "tcp_quickack = true;", false);
	snprintf(finding->no_rule, sizeof(finding->no_rule),
		"the cure is at the peer: it should send each answer by one write");
	judge_stalled(judge, tally->lost);
}

static bool is_n11(const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	return turn->paused && is_delayed_ack(turn->pause) &&
	       turn->pause > 5 * judge->fold->endpoint[flow->endpoint].min_rtt;
}

static void take(struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	judge->taken[flow - judge->fold->flow][turn - flow->turn] = 1;
}

/* Sorts one clean turn into its tally. */
static void sort_turn(struct judge *judge, const struct flow_fold *flow, const struct turn *turn,
	struct tally *n01, struct tally *n02, struct tally *n11)
{
	uint64_t base = judge->base[flow->endpoint];

	if (is_n01(judge, flow, turn))
		tally_hit(n01, flow, turn, turn->wait, beyond(waited(turn), base), turn->proven);
	else if (flow->serves && turn->held && beyond(turn->answered, turn->held) > DELAYED_ACK_LOW)
		tally_hit(
			n02, flow, turn, beyond(turn->answered, turn->held), held_for(turn), true);
	else if (is_n11(judge, flow, turn))
		tally_hit(n11, flow, turn, turn->pause,
			beyond(turn->pause, judge->fold->endpoint[flow->endpoint].min_rtt), false);
	else
		return;
	take(judge, flow, turn);
}

void find_nagle(struct judge *judge)
{
	const struct fold *fold = judge->fold;

	for (uint32_t e = 0; e < fold->endpoints; e++) {
		struct tally n01 = {0}, n02 = {0}, n11 = {0};

		for (size_t f = 0; f < fold->flows; f++) {
			const struct flow_fold *flow = &fold->flow[f];

			for (size_t t = 0; flow->endpoint == e && t < flow->turns; t++) {
				n01.of += flow->turn[t].writes >= 2;
				n02.of += flow->serves && flow->turn[t].writes > 0;
				n11.of += flow->turn[t].reads > 0;
				if (turn_is_clean(judge, flow, &flow->turn[t]))
					sort_turn(judge, flow, &flow->turn[t], &n01, &n02, &n11);
			}
		}
		if (n01.hits > 0)
			report_n01(judge, e, &n01);
		if (n02.hits > 0)
			report_n02(judge, e, &n02);
		if (n11.hits >= HABIT_HITS)
			report_n11(judge, e, &n11);
		tally_free(&n01);
		tally_free(&n02);
		tally_free(&n11);
	}
}
