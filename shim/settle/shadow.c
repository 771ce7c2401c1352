/* Shadows: small records in a pool, chained from their flows.
 *
 * Two threads that set the options of one flow at the same time may lose a record, never corrupt
 * the pool. */
#include "shim/settle/shadow.h"

#include <string.h>

#include "shim/table/fdtab.h"
#include "shim/base/page.h"

#define SHIFT  10 /* shadows a chunk, as a power of two */
#define CHUNKS 1024u

static SELDOM _Atomic(void *) chunk[CHUNKS];
static struct pool pool = {
	.size = sizeof(struct shadow),
	.shift = SHIFT,
	.limit = CHUNKS << SHIFT,
	.chunk = chunk,
};

/* handle: index + 1; 0 is none */
static struct shadow *shadow_at(uint32_t handle)
{
	return pool_at(&pool, handle - 1);
}

struct shadow *shadow_find(const struct flow *flow, int option)
{
	for (uint32_t at = flow->shadow; at; at = shadow_at(at)->next)
		if (shadow_at(at)->option == option)
			return shadow_at(at);
	return NULL;
}

static struct shadow *shadow_add(struct flow *flow, int option)
{
	uint32_t index;
	struct shadow *shadow = pool_take(&pool, &index);

	if (!shadow)
		return NULL;
	shadow->option = (uint8_t)option;
	shadow->length = 0;
	shadow->next = flow->shadow;
	flow->shadow = index + 1;
	return shadow;
}

void shadow_put(struct flow *flow, int option, const void *value, uint32_t length)
{
	struct shadow *shadow = shadow_find(flow, option);

	if (!shadow)
		shadow = shadow_add(flow, option);
	if (!shadow)
		return;
	memcpy(shadow->value, value, length);
	shadow->length = (uint8_t)length;
}

void shadow_copy(struct flow *to, const struct flow *from)
{
	for (uint32_t at = from->shadow; at; at = shadow_at(at)->next)
		shadow_put(to, shadow_at(at)->option, shadow_at(at)->value, shadow_at(at)->length);
}

void shadow_drop(struct flow *flow)
{
	uint32_t at = atomic_exchange(&flow->shadow, 0), next;

	for (; at; at = next) {
		next = shadow_at(at)->next;
		pool_give(&pool, at - 1);
	}
}
