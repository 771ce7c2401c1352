/* How connections live and end: silent for long without keepalives (L01), and closed so that the
 * peer may lose what was sent (L03). Nothing here costs seconds; it costs connections and bytes. */

#include "tools/base/plural.h"
#include "tools/find/judge.h"

#define SILENT (300 * S)

static void find_silence(struct judge *judge, uint32_t e)
{
	const struct fold *fold = judge->fold;
	struct tally tally = {0};

	for_each_flow (flow, fold, e) {
		tally.of += flow->connection->role != ROLE_OF_LISTENER;
		if (flow->silence > SILENT && flow->connection->options.keepalive == 0)
			tally_hit(&tally, (struct hit){flow, NO_TURN, flow->silence, 0, 0, false});
	}
	if (tally.hits > 0) {
		struct finding *finding = judge_add(judge, "L01", e, &tally);

		finding->sure = SURE_POSSIBLE;
		finding->minor = true;
		finding->fix = FIX_RULE;
		finding_put(finding, what,
			"silent for %.0f s without keepalives: %llu of %llu connection%s",
			(double)finding->max / 1e9, (unsigned long long)tally.hits,
			(unsigned long long)tally.of, plural(tally.of));
		finding_put(finding, how,
			"no seconds: a peer or firewall that has forgotten it is noticed late");
		mend_endpoint(&finding->mend, judge, finding,
			"so_keepalive = true; tcp_keepidle = \"60s\"; tcp_keepintvl = \"10s\"; "
			"tcp_keepcnt = 6;",
			false);
	}
	tally_free(&tally);
}

/* How a connection ended badly, and whether bytes were surely thrown away. */
struct reset {
	uint64_t lingers, unsent;
};

static bool is_reset(const struct flow_fold *flow, struct reset *reset)
{
	const struct trace_connection *connection = flow->connection;
	bool linger = connection->options.linger == 0;

	if (!connection->closed || (connection->unread == 0 && !linger))
		return false;
	reset->lingers += linger;
	reset->unsent += linger && connection->unsent > 0;
	return true;
}

static void report_reset(
	struct judge *judge, uint32_t e, const struct tally *tally, struct reset reset)
{
	struct finding *finding = judge_add(judge, "L03", e, tally);

	finding->sure = reset.unsent ? SURE_PROVEN : SURE_POSSIBLE;
	finding->others = reset.unsent > 0;
	finding->minor = !reset.lingers;
	finding->fix = FIX_APP;
	finding->p5 = finding->p50 = finding->p95 = finding->max = 0;
	if (reset.unsent)
		finding_put(finding, what,
			"SO_LINGER 0 threw unsent bytes away in %llu close%s of %llu",
			(unsigned long long)reset.unsent, plural(reset.unsent),
			(unsigned long long)tally->of);
	else
		finding_put(finding, what,
			reset.lingers
				? "closed with SO_LINGER 0, which resets: %llu of %llu connection%s"
				: "closed with unread data, which resets: %llu of %llu "
				  "connection%s",
			(unsigned long long)tally->hits, (unsigned long long)tally->of,
			plural(tally->of));
	finding_put(finding, how,
		"no seconds: a reset throws away what was not sent and what the peer has not read "
		"yet (RFC 1122, 4.2.2.13)");
	finding_put(finding, no_rule,
		"no rule mends this safely: the program should read to the end, or shutdown() "
		"first");
}

static void find_reset(struct judge *judge, uint32_t e)
{
	const struct fold *fold = judge->fold;
	struct tally tally = {0};
	struct reset reset = {0};

	for_each_flow (flow, fold, e) {
		if (flow->connection->role == ROLE_OF_LISTENER)
			continue;
		tally.of++;
		if (is_reset(flow, &reset))
			tally_hit(&tally, (struct hit){flow, NO_TURN, 0, 0, 0, false});
	}
	if (tally.hits > 0)
		report_reset(judge, e, &tally, reset);
	tally_free(&tally);
}

void find_life(struct judge *judge)
{
	for (uint32_t e = 0; e < judge->fold->endpoints; e++) {
		find_silence(judge, e);
		find_reset(judge, e);
	}
}
