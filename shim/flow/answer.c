/* Sends our ACKs at once where it was learnt that the peer waits for them.
 *
 * Must not know turns: an answer is what is read between two writes. */
#include "shim/flow/answer.h"

#include <sys/ioctl.h>

#include "shim/base/clock.h"
#include "shim/base/kernel.h"
#include "shim/base/log.h"
#include "shim/settle/sockopt.h"
#include "shim/record/connection.h"

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

static bool is_armed(const struct acks *acks)
{
	return atomic_load_explicit(&acks->armed, memory_order_relaxed);
}

/* Whether more has come than was read. An ACK of the rest is nothing that the peer waits for. Asked
 * about once for all that comes at a time, not at each read of it. */
static bool has_more(struct flow *flow, int fd, size_t got)
{
	int left = 0;

	if (answer_has_more(&flow->answer, got))
		return true;
	if (kernel_call(SYS_ioctl, fd, FIONREAD, &left) != 0)
		left = 0;
	answer_left(&flow->answer, (uint32_t)left);
	return left > 0;
}

void flow_answer_part(struct flow *flow, int fd, size_t got)
{
	struct acks *acks = &flow->learner->acks;

	if (is_armed(acks) && has_more(flow, fd, got))
		return;
	judge(flow, fd, acks_part(acks, &flow->answer, clock_now()));
	if (is_armed(acks))
		sockopt_quickack(fd);
}

void flow_answer_over_slow(struct flow *flow)
{
	turn_put(&flow->turn, mute, 0);
	if (acks_over(&flow->learner->acks, &flow->answer))
		trace_acks_won(flow);
}
