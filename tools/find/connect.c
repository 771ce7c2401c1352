/* Making connections: SYNs sent again (C01), full accept queues (C02), small backlogs (C03), and a
 * connection for every transaction (C04). */
#include <stdlib.h>
#include <string.h>

#include "tools/find/judge.h"
#include "tools/base/plural.h"
#include "tools/base/memory.h"
#include "rules/ip.h"

/* A SYN is sent again after 1 s, then 2, or linearly on new kernels (tcp(7), tcp_syn_retries). */
#define SYN_AGAIN     (950 * MS)
#define CHURN	      50
#define SMALL_BACKLOG 16
#define BUSY_A_SECOND 50
#define BACKLOG_SET   "listen_backlog = 1024;"

static uint64_t median_connect(const struct fold *fold, uint32_t e)
{
	uint64_t *took = NULL, median;
	size_t count = 0;

	for_each_flow (flow, fold, e)
		if (flow->connect_took && flow->connect_took < SYN_AGAIN) {
			took = memory_grow(took, count, sizeof(*took));
			took[count++] = flow->connect_took;
		}
	sort_numbers(took, count);
	median = quantile(took, count, 0.5);
	free(took);
	return median;
}

static uint64_t connect_end(const struct flow_fold *flow)
{
	uint64_t began = flow->connection->connecting;

	return began ? began + flow->connect_took : 0;
}

static bool near_second(uint64_t took)
{
	uint64_t rest = took % S;

	return took >= SYN_AGAIN && (rest <= 100 * MS || rest >= 950 * MS);
}

/* Of the whole network namespace, in this run; -1: unknown. */
static int64_t overflows(const struct run *run)
{
	if (run->before.listen_overflows < 0 || run->after.listen_overflows < 0)
		return -1;
	return run->after.listen_overflows - run->before.listen_overflows;
}

static bool peer_is_here(const struct trace_connection *connection)
{
	return memcmp(connection->peer, connection->local, sizeof(connection->peer)) == 0 ||
	       (ip_is_v4(connection->peer) && connection->peer[12] == 127);
}

bool waited_for_queue(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	return turn->retrans > 0 && !turn->number && !flow->serves &&
	       peer_is_here(flow->connection) && overflows(judge->fold->run) > 0;
}

static void report_c01(struct judge *judge, uint32_t e, struct tally *tally, bool queued)
{
	struct finding *finding = judge_add(judge, "C01", e, tally);

	finding->fix = FIX_PEER;
	finding->minor = false;
	judge_beside(judge, finding, tally);
	if (queued)
		finding_put(finding, what,
			"waits for room in the peer's accept queue: %llu of %llu connections",
			(unsigned long long)tally->hits, (unsigned long long)tally->of);
	else
		finding_put(finding, what, "connects of 1 s and more: %llu of %llu",
			(unsigned long long)tally->hits, (unsigned long long)tally->of);
	judge_how(judge, finding, tally, "each such connect less the median of the others; %s%s",
		tally->proven == tally->hits ? "the kernel says that the SYN was sent again"
					     : "by its time a SYN was sent again",
		queued ? ", or the first words were, while this host's listeners had no room" : "");
	finding_put(finding, no_rule,
		"no rule of this side mends it: the peer's accept queue was full%s; on the peer: "
		"listen_backlog",
		queued ? "" : ", or a SYN was lost");
}

/* The first words of connections that were not in the queue yet. Returns how many. */
static size_t tally_queued(struct judge *judge, uint32_t e, struct tally *tally)
{
	const size_t before = tally->hits;

	for_each_flow (flow, judge->fold, e) {
		if (!flow->turns)
			continue;
		const struct turn *turn = turn_at(flow, 0);
		if (!turn->answered || !waited_for_queue(judge, flow, turn))
			continue;
		tally_hit(tally, (struct hit){flow, turn->number, turn->wait,
					 beyond(turn->wait, judge->base[e]), turn->answered, true});
		turn_take(judge, flow, turn, PART_ALL);
	}
	return tally->hits - before;
}

/* The kernel knows whether it was; where it was not asked, by the time of it: a program that looks
 * at its connect late has not waited for that long. */
static bool is_sent_again(const struct flow_fold *flow, bool *proven)
{
	const struct trace_tcp *tcp = &flow->connection->at_connect;

	*proven = tcp->taken && tcp->total_retrans > 0;
	return flow->connect_took >= SYN_AGAIN &&
	       (*proven || (!tcp->taken && near_second(flow->connect_took)));
}

static void find_c01(struct judge *judge, uint32_t e)
{
	const struct fold *fold = judge->fold;
	uint64_t median = median_connect(fold, e);
	struct tally tally = {0};
	size_t queued;

	for_each_flow (flow, fold, e) {
		bool proven;

		if (!flow->connect_took)
			continue;
		tally.of++;
		if (is_sent_again(flow, &proven))
			tally_hit(&tally,
				(struct hit){flow, NO_TURN, flow->connect_took,
					flow->connect_took - median, connect_end(flow), proven});
	}
	queued = tally_queued(judge, e, &tally);
	if (tally.hits > 0)
		report_c01(judge, e, &tally, queued > 0);
	tally_free(&tally);
}

/* Accepts a second over the life of the listener. */
static double accept_rate(const struct flow_fold *flow)
{
	uint64_t life = life_of(flow);

	return life ? (double)flow->connection->accepted * 1e9 / (double)life : 0;
}

static void report_listener(struct judge *judge, const char *code, const struct flow_fold *flow)
{
	const struct trace_connection *connection = flow->connection;
	struct finding *finding = judge_add(judge, code, flow->endpoint, NULL);
	int64_t dropped = overflows(judge->fold->run);

	finding->fix = FIX_RULE;
	finding->flow = flow;
	finding->hits = dropped > 0 ? (uint64_t)dropped : 0;
	finding->of = connection->accepted;
	finding->sure = code[2] == '2' && dropped > 0 ? SURE_PROVEN : SURE_POSSIBLE;
	finding->others = dropped > 0;
	finding->others_ns = finding->hits * S;
	if (dropped > 0)
		finding_put(finding, what,
			"accept queue of %u full: %lld connection%s dropped, 1 s each for the "
			"client",
			connection->queue_limit, (long long)dropped, plural((uint64_t)dropped));
	else
		finding_put(finding, what,
			"listens with a backlog of %u; up to %u waited, %.0f accepts a second",
			connection->backlog, connection->queue_peak, accept_rate(flow));
	finding_put(finding, how,
		"the seconds are the clients', not this program's; ListenOverflows counts the "
		"whole network namespace");
	mend_endpoint(&finding->mend, judge, finding, BACKLOG_SET, false);
}

/* The queue was looked at after an accept: what stood there then stood there with one more. */
static bool was_full(const struct trace_connection *connection, int64_t dropped)
{
	if (dropped < 0)
		return connection->queue_limit > 0 &&
		       connection->queue_peak > connection->queue_limit;
	return dropped > 0 && connection->queue_limit > 0 &&
	       connection->queue_peak >= connection->queue_limit;
}

static void find_listener(struct judge *judge, const struct flow_fold *flow)
{
	const struct trace_connection *connection = flow->connection;

	if (connection->role != ROLE_OF_LISTENER || connection->accepted == 0)
		return;
	if (was_full(connection, overflows(judge->fold->run)))
		report_listener(judge, "C02", flow);
	else if (connection->backlog_set <= SMALL_BACKLOG && connection->accepted >= CHURN &&
		 accept_rate(flow) > BUSY_A_SECOND)
		report_listener(judge, "C03", flow);
}

/* When the first connection to that peer had ended: from then on one could have been used again. */
static uint64_t first_end(const struct fold *fold, uint32_t e)
{
	uint64_t first = UINT64_MAX;

	for_each_flow (flow, fold, e) {
		const uint64_t closed = flow->connection->closed;

		if (closed && closed < first)
			first = closed;
	}
	return first;
}

/* Connections with two turns at most, one after the other. */
static void find_churn(struct judge *judge, uint32_t e)
{
	const struct fold *fold = judge->fold;
	const uint64_t free_from = first_end(fold, e);
	struct tally tally = {0};
	struct finding *finding;
	size_t needless = 0;

	for_each_flow (flow, fold, e) {
		if (flow->serves || !flow->connect_took)
			continue;
		tally.of++;
		if (flow->turns <= 2 && flow->connect_took < SYN_AGAIN)
			tally_hit(&tally, (struct hit){flow, NO_TURN, flow->connect_took,
						  flow->connect_took, connect_end(flow), false});
		needless += flow->turns <= 2 && flow->connection->connecting >= free_from;
	}
	if (tally.hits >= CHURN && needless * 2 > tally.of &&
		fold->endpoint[e].role == ROLE_OF_CLIENT) {
		finding = judge_add(judge, "C04", e, &tally);
		finding->sure = SURE_POSSIBLE;
		finding->lost_low = 0;
		finding->fix = FIX_APP;
		finding_put(finding, what, "a connection for each transaction: %llu of %llu",
			(unsigned long long)tally.hits, (unsigned long long)tally.of);
		finding_put(finding, how, "the connects alone; slow starts come on top");
		finding_put(finding, no_rule,
			"no rule mends this: the program should keep its connections, or use a "
			"pool");
	}
	tally_free(&tally);
}

void find_connect(struct judge *judge)
{
	for (uint32_t e = 0; e < judge->fold->endpoints; e++) {
		find_c01(judge, e);
		find_churn(judge, e);
	}
	for (size_t f = 0; f < judge->fold->flows; f++)
		find_listener(judge, &judge->fold->flow[f]);
}
