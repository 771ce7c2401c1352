/* Counts the turns of rules with a holdout, in a table of fixed size: a row for each rule, arm and
 * kind of peer. Must not hold, set or decide anything, nor wait: a row that another thread is
 * writing is passed by, and who reads adds up rows of one name. */
#include "shim/settle/arms.h"

#include <errno.h>
#include <string.h>

#include "shim/base/address.h"
#include "shim/base/clock.h"
#include "shim/base/page.h"
#include "shim/settle/decisions.h"
#include "shim/settle/peer.h"
#include "shim/settle/proof.h"

SELDOM struct control_tally arms_tally;

static const uint64_t bound[CONTROL_BUCKETS] = {
#define BUCKET(ns) UINT64_C(ns),
	CONTROL_BOUNDS(BUCKET)
#undef BUCKET
};

/* ---- rows ---- */

static bool is_row(const struct control_arm *arm, const char *rule, bool bare, uint8_t peer)
{
	return arm->bare == bare && arm->peer == peer &&
	       strncmp(arm->rule, rule, sizeof(arm->rule) - 1) == 0;
}

static bool take_row(struct control_arm *arm, const char *rule, bool bare, uint8_t peer)
{
	uint32_t none = CONTROL_ARM_NONE;

	if (!atomic_compare_exchange_strong(&arm->state, &none, CONTROL_ARM_BEGUN))
		return false;
	arm->bare = bare;
	arm->peer = peer;
	strncpy(arm->rule, rule, sizeof(arm->rule) - 1);
	atomic_store_explicit(&arm->state, CONTROL_ARM_THERE, memory_order_release);
	return true;
}

/* Where there is no room for more, the row of all others of that arm: the first two. */
static uint8_t row_of(const char *rule, bool bare, uint8_t peer)
{
	for (uint8_t i = 2; i < CONTROL_ARMS; i++) {
		struct control_arm *arm = &arms_tally.arm[i];
		const uint32_t state = atomic_load_explicit(&arm->state, memory_order_acquire);

		if (state == CONTROL_ARM_THERE ? is_row(arm, rule, bare, peer)
					       : take_row(arm, rule, bare, peer))
			return i;
	}
	return bare;
}

static void add(_Atomic uint64_t *to, uint64_t count)
{
	atomic_fetch_add_explicit(to, count, memory_order_relaxed);
}

/* A double, for squares of hours fit into no integer. */
static void add_square(_Atomic uint64_t *bits, uint64_t ns)
{
	const double seconds = (double)ns / 1e9;
	uint64_t seen = atomic_load_explicit(bits, memory_order_relaxed), next;
	double sum;

	do {
		memcpy(&sum, &seen, sizeof(sum));
		sum += seconds * seconds;
		memcpy(&next, &sum, sizeof(next));
	} while (!atomic_compare_exchange_weak(bits, &seen, next));
}

static void count(const struct flow *flow, uint64_t ns)
{
	struct control_arm *arm = &arms_tally.arm[flow->arm_row];
	unsigned i = 0;

	if (!ns)
		return;
	while (i < CONTROL_BUCKETS && ns > bound[i])
		i++;
	add(&arm->bucket[i], 1);
	add(&arm->ns, ns);
	add_square(&arm->squares, ns);
}

/* ---- a flow ---- */

/* Of an accepted connection nobody may have asked for it. */
static uint8_t peer_of(const struct flow *flow, int fd, const struct subject *subject)
{
	uint8_t peer[16];
	uint16_t port;

	if (subject->peer_known)
		return (uint8_t)peer_kind(flow->peer);
	return address_peer(fd, peer, &port) ? (uint8_t)peer_kind(peer) : CONTROL_PEER_UNKNOWN;
}

/* A proof has arms of its own. */
void arms_begin(struct flow *flow, int fd, const struct subject *subject)
{
	const char *rule;
	bool bare;

	arms_end(flow);
	if (flow_is(flow, FLOW_LISTENS) || proof_block || control_is_switched_off() ||
		!decisions_arm(subject, &rule, &bare))
		return;
	flow->arm_row = row_of(rule, bare, peer_of(flow, fd, subject));
	timed_end(&flow->timed);
	add(&arms_tally.arm[flow->arm_row].connections, 1);
	flow_mark(flow, FLOW_TIMED);
}

void arms_write(struct flow *flow)
{
	const bool serves = flow_is(flow, FLOW_SERVER);

	if (control_is_switched_off()) /* what comes is of neither arm */
		arms_end(flow);
	else if (timed_wants_clock(&flow->timed, serves))
		count(flow, timed_write(&flow->timed, serves, clock_now()));
}

void arms_read(struct flow *flow)
{
	count(flow, timed_read(&flow->timed, flow_is(flow, FLOW_SERVER), clock_now()));
}

void arms_end(struct flow *flow)
{
	if (flow_unmark(flow, FLOW_TIMED))
		count(flow, timed_end(&flow->timed));
}

/* ---- the process ---- */

static uint64_t held_so_far(void)
{
	uint64_t held = 0;

	for (uint32_t i = 0; i < flow_count(); i++)
		held += held_count(atomic_load_explicit(&flow_at(i)->held, memory_order_relaxed));
	return held;
}

static void forget(struct control_arm *arm)
{
	memset(&arm->connections, 0, sizeof(*arm) - offsetof(struct control_arm, connections));
}

void arms_forked(void)
{
	struct control_tally *tally = &arms_tally;

	for (int i = 0; i < CONTROL_ARMS; i++)
		if (i < 2 || atomic_load(&tally->arm[i].state) != CONTROL_ARM_NONE)
			forget(&tally->arm[i]);
	atomic_store(&tally->refused, 0);
	tally->flows_before = atomic_load(&control_counts.flows);
	tally->late_before = atomic_load(&control_counts.late);
	tally->late_ns_before = atomic_load(&control_counts.late_ns);
	tally->held_before = held_so_far();
}

void arms_refused(void)
{
	add(&arms_tally.refused, 1);
}
