/* Sends our ACKs at once where it was learnt that the peer waits for them.
 *
 * Must not know turns: an answer is what is read between two writes. */
#include "flow_answer.h"

#include "clock.h"
#include "log.h"
#include "sockopt.h"
#include "trace_connection.h"

static void tell(struct flow *flow, enum acks_news news)
{
	trace_acks(flow, news);
	if (news == ACKS_LEARNT)
		log_info("port %u: the rest of answers waits for our ACK: it is sent at once here",
			flow->port);
	else
		log_info("port %u: an ACK sent at once did not help: no more for %d answers",
			flow->port, ACKS_REST);
}

static void judge(struct flow *flow, int fd, uint64_t gap)
{
	enum acks_news news;

	if (gap < ACK_LOW_NS)
		return;
	news = acks_gap(&flow->learner->acks, &flow->answer, gap, sockopt_min_rtt(fd));
	if (news != ACKS_NOTHING)
		tell(flow, news);
}

void flow_answer_part(struct flow *flow, int fd)
{
	struct acks *acks = &flow->learner->acks;

	judge(flow, fd, acks_part(acks, &flow->answer, clock_now()));
	if (atomic_load_explicit(&acks->armed, memory_order_relaxed))
		sockopt_quickack(fd);
}

void flow_answer_over_slow(struct flow *flow)
{
	turn_put(&flow->turn, mute, 0);
	if (acks_over(&flow->learner->acks, &flow->answer))
		trace_acks_won(flow);
}
