/* Sets options on a descriptor, after keeping what the program would read without us, and takes
 * them back. What this host refuses is told once.
 *
 * Must not decide anything: what is to be set is in the flow's decision. */
#include "shim/settle/apply.h"

#include <string.h>

#include "shim/base/log.h"
#include "shim/settle/arms.h"
#include "shim/settle/settle.h"
#include "shim/settle/shadow.h"
#include "shim/settle/sockopt.h"

static bool same_value(const struct value *a, const struct value *b)
{
	return a->kind == b->kind && a->number == b->number && strcmp(a->word, b->word) == 0;
}

/* Of TCP_NODELAY the flow itself knows: nearly every flow has that one. */
uint32_t settle_shadow(const struct flow *flow, int id, unsigned char bytes[16])
{
	const int nodelay = flow->own_nodelay;
	const struct shadow *shadow;

	if (id == OPTION_TCP_NODELAY) {
		memcpy(bytes, &nodelay, sizeof(nodelay));
		return sizeof(nodelay);
	}
	shadow = shadow_find(flow, id);
	if (shadow)
		memcpy(bytes, shadow->value, shadow->length);
	return shadow ? shadow->length : 0;
}

void settle_keep_shadow(struct flow *flow, int fd, int id)
{
	unsigned char bytes[16];
	int length;

	if (id == OPTION_TCP_NODELAY || has(flow->ours, id) ||
		(option_table[id].type == TYPE_BUFFER && !has(flow->theirs, id)))
		return;
	length = sockopt_get(fd, flow_is(flow, FLOW_V6), id, bytes);
	if (length > 0)
		shadow_put(flow, id, bytes, (uint32_t)length);
}

/* One line for each option that this host refuses, not one for each flow. */
static void log_refusal(int id, int error)
{
	static _Atomic uint64_t told;

	arms_refused();
	if (!has(atomic_fetch_or(&told, OPTION_BIT(id)), id))
		log_error("%s was refused: %s", option_table[id].name, log_reason(error));
}

/* A buffer that the program has set gets the size from before back; then the kernel may tune it. */
static int undo_buffer(const struct flow *flow, int fd, int id, const struct value *undo)
{
	const struct shadow *before = shadow_find(flow, SHADOW_BEFORE(id));
	struct value size = {.kind = VALUE_NUMBER};
	int doubled;

	if (before) {
		memcpy(&doubled, before->value, sizeof(doubled));
		size.number = doubled / 2; /* the kernel doubles what it is told, socket(7) */
		sockopt_set(fd, flow_is(flow, FLOW_V6), id, &size);
	}
	return sockopt_set(fd, flow_is(flow, FLOW_V6), id, undo);
}

int settle_put(const struct flow *flow, int fd, int id, const struct value *value)
{
	if (option_table[id].type == TYPE_BUFFER && value->kind == VALUE_UNDO)
		return undo_buffer(flow, fd, id, value);
	return sockopt_set(fd, flow_is(flow, FLOW_V6), id, value);
}

static void apply_one(struct flow *flow, int fd, int id, const struct value *value)
{
	int result;

	settle_keep_shadow(flow, fd, id);
	/* Setting IP_TOS sets the priority, too (ip(7)). */
	if (id == OPTION_IP_TOS) {
		settle_keep_shadow(flow, fd, OPTION_SO_PRIORITY);
		flow->ours |= OPTION_BIT(OPTION_SO_PRIORITY);
	}
	result = settle_put(flow, fd, id, value);
	if (result == 0)
		flow->ours |= OPTION_BIT(id);
	else
		log_refusal(id, -result);
}

static void apply(
	struct flow *flow, int fd, unsigned when, const struct decision *handed, uint64_t among)
{
	const struct decision *decision = decision_at(flow->decision);

	for (int id = 0; decision && id < OPTION_COUNT; id++) {
		const struct option *option = &option_table[id];

		if (!has(decision->set & among, id) || !(option->when & when) ||
			option->level == OPTION_OURS)
			continue;
		if (has(flow->theirs, id) && !has(decision->force, id))
			continue;
		if (handed && has(handed->set, id) && option->when & AT_LISTEN &&
			same_value(&handed->value[id], &decision->value[id]))
			continue;
		apply_one(flow, fd, id, &decision->value[id]);
	}
}

void settle_apply(struct flow *flow, int fd, unsigned when, const struct decision *handed)
{
	apply(flow, fd, when, handed, UINT64_MAX);
}

void settle_apply_live(struct flow *flow, int fd)
{
	apply(flow, fd, AT_CONNECT | AT_ACCEPT, NULL, OPTIONS_LIVE);
}

/* The kernel answers with twice the size that it is told (socket(7)). */
static void halve(unsigned char bytes[16])
{
	int size;

	memcpy(&size, bytes, sizeof(size));
	size /= 2;
	memcpy(bytes, &size, sizeof(size));
}

void settle_take_back(struct flow *flow, int fd, uint64_t kept)
{
	unsigned char bytes[16];

	for (int id = 0; id < OPTION_COUNT; id++) {
		uint32_t length = has(flow->ours & ~kept, id) ? settle_shadow(flow, id, bytes) : 0;

		if (!length)
			continue;
		/* before: who lent it does not set it again afterwards */
		if (id == OPTION_TCP_NODELAY)
			flow_unmark(flow, FLOW_NODELAY | FLOW_LENT);
		if (option_table[id].type == TYPE_BUFFER)
			halve(bytes);
		sockopt_restore(fd, flow_is(flow, FLOW_V6), id, bytes, length);
		flow->ours &= ~OPTION_BIT(id);
	}
}
