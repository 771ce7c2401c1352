/* Gives Nagle back to flows that write at full speed, and takes it away again where somebody waits
 * for what it keeps back, or where it joins nothing.
 *
 * A flow is looked at once in 5 to 10 ms, on the way into a wait. Must not wait itself. */
#include "shim/flow/keep.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "shim/base/clock.h"
#include "shim/base/control.h"
#include "shim/flow/flow.h"
#include "shim/flow/hold.h"
#include "shim/base/kernel.h"
#include "shim/base/log.h"
#include "shim/settle/sockopt.h"
#include "shim/record/connection.h"
#include "shim/base/valgrind.h"

#define ROUND_MS 5
#define ROUND_NS (ROUND_MS * 1000000u)

/* After so many writes Nagle must have saved so many segments, or it is taken away again. */
#define TRIAL_WRITES 1000u
#define TRIAL_SAVES  (TRIAL_WRITES / 10)

/* Writes that go by before it is tried again: at least so many, and each time four times as many as
 * before, until a trial has gone well. All acknowledged at one look says little, where the machine
 * is busy; a look costs 0.3 us. A wait cost a round. */
#define REST_ACKED   100u
#define REST_WAITED  250u
#define REST_USELESS 1000u
#define REST_LAST    1000000u

static uint32_t keeper_of(const struct flow *flow)
{
	return (uint32_t)(turn_get(&flow->turn, epoch) >> 40);
}

static void rest_for(struct flow *flow, uint32_t least)
{
	flow->kept_rest *= 4;
	if (flow->kept_rest < least)
		flow->kept_rest = least;
	if (flow->kept_rest > REST_LAST)
		flow->kept_rest = REST_LAST;
	turn_rest(&flow->turn, flow->kept_rest);
}

/* Setting TCP_NODELAY also sends what Nagle kept back. */
static void end(struct flow *flow, const char *why)
{
	log_debug("port %u: no more left to Nagle: %s", flow->port, why);
	flow_nodelay_back(flow);
}

static int queued(int fd, unsigned long request)
{
	int bytes = 0;

	return kernel_call(SYS_ioctl, fd, request, &bytes) == 0 ? bytes : 0;
}

void flow_keep(struct flow *flow, int fd)
{
	struct tcp_info info;

	if (!flow_is(flow, FLOW_NODELAY) || flow_is(flow, FLOW_STREAM))
		return;
	/* All that was sent is acknowledged: it asks and waits, and Nagle has nothing to join. */
	if (!queued(fd, SIOCOUTQ) || !sockopt_info(fd, &info)) {
		rest_for(flow, REST_ACKED);
		return;
	}
	flow->held_fd = fd;
	flow->kept_writes = 0;
	flow->kept_segments = info.tcpi_data_segs_out;
	if (!flow_mark(flow, FLOW_KEPT) || !flow_keeps(flow))
		return;
	control_refused(-sockopt_nodelay(fd, 0));
	trace_nagle(flow, true);
	log_debug("port %u: it writes at full speed: left to Nagle", flow->port);
}

/* It was tried for long enough: does it save segments? */
static bool is_useless(struct flow *flow)
{
	struct tcp_info info;

	return sockopt_info(flow->held_fd, &info) &&
	       info.tcpi_data_segs_out - flow->kept_segments > TRIAL_WRITES - TRIAL_SAVES;
}

bool flow_keeps(struct flow *flow)
{
	if (keeper_of(flow) != thread_number() || !thread_keep(flow)) {
		rest_for(flow, REST_WAITED);
		end(flow, "another thread writes");
		return false;
	}
	if (flow->kept_writes++ == TRIAL_WRITES) {
		if (is_useless(flow)) {
			rest_for(flow, REST_USELESS);
			end(flow, "it joined nothing");
			return false;
		}
		flow->kept_rest = 0;
	}
	if (thread.round_began == 0)
		thread.round_began = clock_now();
	thread.kept = true;
	return true;
}

/* ---- looking ---- */

enum state { CLEAR, DOUBTFUL, STALLED };

/* How long an ACK may take: a round of ours and the path's round trip. */
static uint32_t patience_ms(const struct tcp_info *info)
{
	return ROUND_MS + (info->tcpi_min_rtt == UINT32_MAX ? 0 : info->tcpi_min_rtt / 1000);
}

/* Bytes are unsent, and no ACK has come for as long as one may take: it is Nagle that keeps them
 * back. (Or the peer's window is full, which TCP_NODELAY does not change.) */
static enum state state_of(int fd)
{
	struct tcp_info info;

	/* Valgrind does not know that request; Linux before 4.6 has the number nowhere else. */
	if (!valgrind_runs() && !queued(fd, SIOCOUTQNSD))
		return CLEAR;
	if (!sockopt_info(fd, &info) || (valgrind_runs() && !info.tcpi_notsent_bytes))
		return CLEAR;
	return info.tcpi_last_ack_recv >= patience_ms(&info) ? STALLED : DOUBTFUL;
}

static bool is_young(const struct flow *flow)
{
	return flow->kept_round == thread.round;
}

/* On a busy machine a late ACK need not mean that the peer waits for more. So where Nagle has
 * worked well for long, the first such time only pushes; the second time ends it. */
static bool may_wait_once(struct flow *flow)
{
	if (flow->kept_writes < TRIAL_WRITES || !flow_mark(flow, FLOW_WAITED))
		return false;
	control_refused(-sockopt_nodelay(flow->held_fd, 1));
	control_refused(-sockopt_nodelay(flow->held_fd, 0));
	return thread_keep(flow);
}

/* sleeps: the thread is about to wait without a limit, so that this is the last look. */
static void look_at(struct flow *flow, bool sleeps)
{
	enum state state;

	if (!flow_is(flow, FLOW_KEPT) || keeper_of(flow) != thread_number())
		return;
	state = state_of(flow->held_fd);
	if (state == CLEAR && (is_young(flow) || sleeps)) {
		flow_unmark(flow, FLOW_WAITED);
	} else if (state == CLEAR) {
		turn_rest(&flow->turn, 0);
		end(flow, "at full speed no more");
	} else if ((state == DOUBTFUL && !sleeps && thread_keep(flow)) || may_wait_once(flow)) {
		return;
	} else {
		trace_nagle(flow, false);
		rest_for(flow, REST_WAITED);
		end(flow, "a message waited for an ACK");
	}
}

static void look_at_old(bool sleeps)
{
	struct flow *flow;

	while ((flow = thread_take_old()))
		look_at(flow, sleeps);
}

static bool is_empty(struct chain *chain)
{
	return (uint32_t)atomic_load(&chain->head) == 0;
}

/* Nothing is left to look at: the next write begins a new round. */
static void rest(void)
{
	if (!is_empty(&thread.young) || !is_empty(&thread.old))
		return;
	thread.kept = false;
	thread.round_began = 0;
}

void flow_keep_look_slow(void)
{
	uint64_t now = clock_now();

	if (!control_on() || now - thread.round_began < ROUND_NS)
		return;
	look_at_old(false);
	thread_round(now);
	rest();
}

void flow_keep_sleep(void)
{
	struct flow *flow;

	if (!control_on())
		return;
	look_at_old(true);
	while ((flow = thread_take_young()))
		look_at(flow, true);
	rest();
}

void flow_keep_read(int fd)
{
	struct pollfd wanted = {.fd = fd, .events = POLLIN};
	struct timespec at_once = {0, 0};

	if (kernel_call(SYS_ppoll, &wanted, 1, &at_once, NULL, 8) == 0)
		flow_keep_sleep();
}

int flow_keep_step_slow(int timeout)
{
	uint64_t passed;
	int step;

	flow_keep_look_slow();
	if (!thread.kept || !control_on())
		return timeout;
	passed = clock_now() - thread.round_began;
	step = passed < ROUND_NS ? (int)((ROUND_NS - passed + 999999) / 1000000) : 1;
	return timeout >= 0 && timeout <= step ? timeout : step;
}
