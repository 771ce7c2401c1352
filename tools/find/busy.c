/* Small writes that were not seen (stdio, calls of the program's own), by the kernel's clock alone:
 * how long a connection had bytes that were not acknowledged (tcpi_busy_time), and how many
 * segments it sent for each that came. A message that goes out in two segments, the second of which
 * waits, has two for each answer, and is busy for as long as the delayed ACK takes; one that goes
 * out whole has one. That is never more than possible: no turn was seen. */

#include "tools/find/judge.h"

/* Segments for each that comes: with more it is no exchange, and nobody waits for the ACK. */
#define PARTS_MOST 4u

static bool is_small(const struct flow_fold *flow, const struct trace_tcp *tcp)
{
	return tcp->bytes_acked / tcp->data_segs_out < flow_mss(flow) / 2;
}

/* Segments beyond one for each that came; 0 where nothing says that one waited for another. */
static uint64_t parts_of(const struct flow_fold *flow)
{
	const struct trace_tcp *tcp = &flow->connection->at_close;
	const uint64_t out = tcp->data_segs_out, in = tcp->data_segs_in;
	const bool has_two = out * 2 >= in * 3 && out <= in * PARTS_MOST;

	if (!tcp->taken || in < HABIT_HITS || !has_two || tcp->total_retrans || !has_nagle(flow) ||
		!has_unseen_writes(flow) || !is_small(flow, tcp))
		return 0;
	return out - in;
}

/* Each segment takes a round trip to be acknowledged, whoever waits for it. */
static uint64_t held_of(const struct judge *judge, const struct flow_fold *flow)
{
	const struct trace_tcp *tcp = &flow->connection->at_close;
	const uint64_t rtt = judge->fold->endpoint[flow->endpoint].min_rtt;
	const uint64_t full = (tcp->rwnd_limited_us + tcp->sndbuf_limited_us) * US;
	const uint64_t held = beyond(beyond(tcp->busy_us * US, full), tcp->data_segs_out * rtt);

	return least(held, parts_of(flow) * (DELAYED_ACK + rtt));
}

/* By turns that were seen. */
static bool is_found_at(const struct findings *out, uint32_t endpoint)
{
	for (size_t i = 0; i < out->count; i++)
		if (out->finding[i].endpoint == endpoint && out->finding[i].code->segments)
			return true;
	return false;
}

static void report(struct judge *judge, const struct flow_fold *flow, uint64_t parts,
	uint64_t answers, uint64_t held)
{
	struct finding *finding =
		judge_add(judge, flow->serves ? "N02" : "N01", flow->endpoint, NULL);

	finding->sure = SURE_POSSIBLE;
	finding->flow = flow;
	finding->hits = parts;
	finding->of = parts + answers;
	finding->lost_high = least(held, judge->fold->split.wall); /* they overlap, maybe */
	finding->minor = judge_is_minor(judge, finding);
	finding->fix = FIX_PROVE;
	finding_put(finding, what, "unseen writes, %.1f segments for each that comes",
		(double)finding->of / answers);
	finding_put(finding, how,
		"the kernel had bytes that were not acknowledged for so long (tcpi_busy_time), "
		"less a round trip for each segment; at most 44 ms for each beyond one an answer");
	mend_endpoint(&finding->mend, judge, finding, "tcp_nodelay = true;",
		is_nodelay_off(judge, flow->endpoint));
}

void find_busy(struct judge *judge)
{
	const struct fold *fold = judge->fold;

	for (uint32_t e = 0; e < fold->endpoints; e++) {
		const struct flow_fold *first = NULL;
		uint64_t parts = 0, answers = 0, held = 0;

		for_each_flow (flow, fold, e) {
			if (!parts_of(flow))
				continue;
			first = first ? first : flow;
			parts += parts_of(flow);
			answers += flow->connection->at_close.data_segs_in;
			held += held_of(judge, flow);
		}
		if (parts >= HABIT_HITS && held >= HABIT_LOST && !is_found_at(judge->out, e))
			report(judge, first, parts, answers, held);
	}
}
