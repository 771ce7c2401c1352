/* TCP_NODELAY where it is ours: taken, so that a push lets everything go at once; given back, where
 * somebody else would find it.
 *
 * Must not know turns. What the program has set itself, it keeps; what it reads is what it has set.
 */
#include "shim/settle/nodelay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "shim/base/control.h"
#include "shim/base/fault.h"
#include "shim/settle/decisions.h"
#include "shim/base/page.h"
#include "shim/real.h"
#include "shim/settle/apply.h"
#include "shim/settle/sockopt.h"

/* On and off again are two; one more, and the program pushes by it. */
#define CHANGES_OF_A_PUSH 3

/* Connections of others' making that have it from us; in the child of a fork they are its
 * parent's. */
static _Atomic uint32_t adopted;
static _Atomic bool is_child;

/* What a process and its children by fork know together: they have the same flows at the same
 * places, as far as these are older than the fork. */
#define PLACES 512
struct family {
	_Atomic uint32_t given_back;
	_Atomic uint32_t
		set[PLACES]; /* times that a program set what we had set, by the flow's place */
};
static SELDOM struct family alone;
static struct family *family = &alone;
_Atomic uint32_t *nodelay_given_back = &alone.given_back;

static uint16_t process = 1; /* its number among its ancestors */

void nodelay_start(void *shared)
{
	_Static_assert(sizeof(*family) <= NODELAY_SHARED, "no room for the family");

	if (!shared)
		return;
	family = shared;
	nodelay_given_back = &family->given_back;
}

static _Atomic uint32_t *times_set(const struct flow *flow)
{
	return &family->set[flow->index % PLACES];
}

/* What somebody else of the family has set for the program since must stay so. */
static bool may_give_back(const struct flow *flow)
{
	return flow->nodelay_set == (uint16_t)atomic_load(times_set(flow));
}

enum trace_given_up nodelay_take(struct flow *flow, int fd)
{
	const struct decision *decision = decision_at(flow->decision);
	const uint32_t set = atomic_load(times_set(flow));

	/* new rules may have left it to itself meanwhile */
	if (!decision || has(decision->set, OPTION_TCP_NODELAY) ||
		has(flow->theirs, OPTION_TCP_NODELAY) || flow_is(flow, FLOW_NODELAY))
		return GIVEN_UP_NOT;
	/* Before it is set: who turns it off meanwhile is not overlooked. */
	atomic_store(&flow->nodelay_seen, atomic_load(nodelay_given_back));
	if (sockopt_nodelay(fd, 1) != 0)
		return GIVEN_UP_REFUSED;
	flow->nodelay_by = process;
	flow->nodelay_set = (uint16_t)set;
	flow->ours |= OPTION_BIT(OPTION_TCP_NODELAY);
	flow_mark(flow, FLOW_NODELAY);
	if (flow_is(flow, FLOW_ADOPTED))
		atomic_fetch_add(&adopted, 1);
	return GIVEN_UP_NOT;
}

void nodelay_handed(struct flow *flow)
{
	flow->nodelay_by = process;
	flow->nodelay_set = (uint16_t)atomic_load(times_set(flow));
}

enum trace_given_up nodelay_due(struct flow *flow, int fd)
{
	uint32_t now = atomic_load(nodelay_given_back);

	if (atomic_exchange(&flow->nodelay_seen, now) != now && flow_is(flow, FLOW_NODELAY) &&
		!flow_is(flow, FLOW_LENT))
		control_refused(-sockopt_nodelay(fd, 1));
	if (!flow_unmark(flow, FLOW_DUE) || flow->decision < 0)
		return GIVEN_UP_NOT;
	/* A parent may have the connection, too, and has given it back. Who was made by _Fork() or
	 * a raw call learns of it by that question. */
	if (control_is_ours)
		control_is_ours();
	if (atomic_load(&is_child))
		flow_mark(flow, FLOW_ADOPTED);
	return nodelay_take(flow, fd);
}

static void count_changes(struct flow *flow, bool on)
{
	if (flow->own_nodelay == on)
		return;
	flow->own_nodelay = on;
	flow->nodelay_changes++;
}

enum trace_given_up nodelay_program(struct flow *flow, int on)
{
	const struct decision *decision = decision_at(flow->decision);

	if (flow->nodelay_by)
		flow->nodelay_set = (uint16_t)(atomic_fetch_add(times_set(flow), 1) + 1);
	count_changes(flow, on != 0);
	flow_unmark(flow, FLOW_NODELAY | FLOW_LENT | FLOW_DUE);
	if (flow->nodelay_changes >= CHANGES_OF_A_PUSH)
		return GIVEN_UP_NODELAY;
	if (on || (decision && has(decision->set, OPTION_TCP_NODELAY)))
		return GIVEN_UP_NOT;
	flow->theirs &= ~OPTION_BIT(OPTION_TCP_NODELAY);
	if (atomic_load(&flow->mode) != COALESCE_OFF)
		flow_mark(flow, FLOW_DUE);
	return GIVEN_UP_NOT;
}

void nodelay_give_back(struct flow *flow, int fd)
{
	if (!flow_unmark(flow, FLOW_NODELAY))
		return;
	flow_unmark(flow, FLOW_LENT);
	flow->ours &= ~OPTION_BIT(OPTION_TCP_NODELAY);
	control_refused(-sockopt_nodelay(fd, 0));
	flow_mark(flow, FLOW_DUE); /* last: a thread that writes meanwhile must not set it before */
}

/* ---- all connections ---- */

/* Of descriptors below `low` all, and above those that are not known to be closed on exec: there
 * may be thousands that the next program does not get. At most so many are looked at. */
static void each(uint32_t state, int low, int most, void (*visit)(struct flow *flow, int fd))
{
	int saved = errno, end = fdtab_end(), fd = -1;

	for (int looks = 0; looks < most; looks++) {
		uintptr_t slot;

		fd = fd + 1 < low ? fd + 1 : fdtab_next_inherited(fd + 1);
		if (fd >= end)
			break;
		slot = fdtab_get(fd);
		if (slot >= SLOT_FLOW && (fdtab_flow(slot)->state & state) == state)
			visit(fdtab_flow(slot), fd);
	}
	errno = saved;
}

static void give_back_if_ours(struct flow *flow, int fd)
{
	if (may_give_back(flow))
		nodelay_give_back(flow, fd);
}

/* In the child of a fork the parent may have it set, too. */
static void give_back_and_tell(struct flow *flow, int fd)
{
	give_back_if_ours(flow, fd);
	atomic_fetch_add(nodelay_given_back, 1);
}

void nodelay_closes(struct flow *flow, int fd)
{
	if (flow_is(flow, FLOW_ADOPTED) && flow->nodelay_by == process)
		give_back_and_tell(flow, fd);
}

void nodelay_leave(void)
{
	if (control_on() && atomic_exchange(&adopted, 0))
		each(FLOW_NODELAY | FLOW_ADOPTED, INT_MAX, INT_MAX, give_back_and_tell);
}

void nodelay_forked(void)
{
	atomic_store(&is_child, true);
	atomic_store(&adopted, 0);
	process++;
}

void nodelay_end(void)
{
	if (control_on())
		each(FLOW_NODELAY, INT_MAX, INT_MAX, give_back_and_tell);
}

/* Which descriptors a child gets that is about to dup2() before it execs, we cannot know: one that
 * is closed on exec may be made stdout. Programs hand on what has a low number: each of those is
 * looked at, and above, where a program may have thousands, the first that are not closed on exec.
 * Others that are handed on stay as we have them. */
#define SPAWN_LOW  64
#define SPAWN_MOST 128

void nodelay_spawns(bool moves)
{
	if (control_on())
		each(FLOW_NODELAY, moves ? SPAWN_LOW : 0, SPAWN_MOST, give_back_if_ours);
}

/* What the next program does not inherit stays as it is: a parent may go on with it. */
static bool put(int fd, int on)
{
	int flags = OURS(real()->fcntl(fd, F_GETFD));

	if (flags >= 0 && flags & FD_CLOEXEC)
		return false;
	control_refused(-sockopt_nodelay(fd, on));
	return true;
}

static void put_off(struct flow *flow, int fd)
{
	if (may_give_back(flow) && put(fd, 0))
		atomic_fetch_add(nodelay_given_back, 1);
}

static void put_on(struct flow *flow, int fd)
{
	if (may_give_back(flow))
		put(fd, 1);
}

void nodelay_exec(void)
{
	nodelay_leave();
	if (control_on())
		each(FLOW_NODELAY, 0, INT_MAX, put_off);
}

void nodelay_exec_failed(void)
{
	if (control_on())
		each(FLOW_NODELAY, 0, INT_MAX, put_on);
}
