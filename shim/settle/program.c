/* The program's own setsockopt and getsockopt, after the kernel has taken them: what the program
 * set wins unless a rule forces, and what we set behind its back does not show.
 *
 * Must run after the real call, on values that the kernel has read or written. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "shim/base/control.h"
#include "shim/settle/decisions.h"
#include "shim/base/log.h"
#include "shim/settle/settle.h"
#include "shim/settle/apply.h"
#include "shim/settle/shadow.h"
#include "shim/settle/sockopt.h"

#ifndef TCP_ULP
#define TCP_ULP 31
#endif

static int number_now(int fd, const struct flow *flow, int id)
{
	unsigned char bytes[16] = {0};
	int number = 0;

	if (sockopt_get(fd, flow_is(flow, FLOW_V6), id, bytes) >= (int)sizeof(number))
		memcpy(&number, bytes, sizeof(number));
	return number;
}

/* struct linger {1, 0}: close throws away what is unsent, so nothing may be. */
static bool lingers_zero(int fd, const struct flow *flow)
{
	struct linger linger = {0, 0};
	unsigned char bytes[16] = {0};

	if (sockopt_get(fd, flow_is(flow, FLOW_V6), OPTION_SO_LINGER, bytes) != (int)sizeof(linger))
		return false;
	memcpy(&linger, bytes, sizeof(linger));
	return linger.l_onoff && linger.l_linger == 0;
}

/* With `force` it is let go when the program waits; else the program manages its segments. Turned
 * off, it has let go of everything. */
static void note_cork(struct flow *flow, int fd, int on)
{
	if (on)
		flow_mark(flow, FLOW_OWN_CORK);
	else
		flow_unmark(flow, FLOW_OWN_CORK | FLOW_CORKED);
	if (!flow_is(flow, FLOW_FORCED))
		settle_resign(flow, fd, GIVEN_UP_CORK);
}

static void resign_where_it_manages(struct flow *flow, int fd, int level, int name)
{
	if (level == IPPROTO_TCP && name == TCP_CORK)
		note_cork(flow, fd, number_now(fd, flow, OPTION_TCP_CORK));
	else if (level == IPPROTO_TCP && name == TCP_REPAIR)
		settle_resign(flow, fd, GIVEN_UP_REPAIR);
	else if (level == IPPROTO_TCP && name == TCP_ULP)
		settle_resign(flow, fd, GIVEN_UP_ULP);
	else if (level == SOL_SOCKET && name == SO_LINGER && lingers_zero(fd, flow))
		settle_resign(flow, fd, GIVEN_UP_LINGER);
}

void settle_program_sets(struct flow *flow, int fd, int level, int name)
{
	int id = decisions_undo_buffers() ? option_by_number(level, name) : -1;
	unsigned char bytes[16];
	int length;

	if (id < 0 || option_table[id].type != TYPE_BUFFER || flow->theirs & OPTION_BIT(id))
		return;
	length = sockopt_get(fd, flow_is(flow, FLOW_V6), id, bytes);
	if (length > 0)
		shadow_put(flow, SHADOW_BEFORE(id), bytes, (uint32_t)length);
}

void settle_program_set(struct flow *flow, int fd, int level, int name)
{
	const struct decision *decision = decision_at(flow->decision);
	int id = option_by_number(level, name), length;
	unsigned char bytes[16];

	resign_where_it_manages(flow, fd, level, name);
	if (id < 0)
		return;
	flow->theirs |= OPTION_BIT(id);
	if (id == OPTION_TCP_QUICKACK)
		flow_unmark(flow, FLOW_ACKS);
	if (id == OPTION_TCP_NODELAY)
		settle_nodelay_program(flow, fd, number_now(fd, flow, id));
	if (!decision || !(decision->force & OPTION_BIT(id)) || control_is_switched_off()) {
		flow->ours &= ~OPTION_BIT(id);
		return;
	}
	length = sockopt_get(fd, flow_is(flow, FLOW_V6), id, bytes);
	if (length > 0)
		shadow_put(flow, id, bytes, (uint32_t)length);
	if (settle_put(flow, fd, id, &decision->value[id]) == 0)
		flow->ours |= OPTION_BIT(id);
}

void settle_program_get(
	const struct flow *flow, int level, int name, void *value, socklen_t *length)
{
	int id = option_by_number(level, name);
	unsigned char bytes[16];
	uint32_t kept;

	if (id < 0 || !has(flow->ours, id))
		return;
	kept = settle_shadow(flow, id, bytes);
	if (!kept)
		return;
	if (*length > kept)
		*length = kept;
	memcpy(value, bytes, *length);
}
