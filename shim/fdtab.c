/* Descriptor slots and flows: two growing tables and a free list.
 *
 * Nothing is ever given back to the kernel, so that no thread can be left with a pointer to
 * nothing. Must not look behind a descriptor: only hooks and flow.c say what it is. */
#include "fdtab.h"

#include <string.h>

#include "learners.h"

_Atomic(void *) fdtab_chunk[FDTAB_LIMIT >> FDTAB_SHIFT];
static _Atomic int highest_fd = -1;

_Atomic(void *) fdtab_flow_chunk[FLOW_CHUNKS];
_Atomic uint32_t flow_counted;
static struct pool flows = {
	.size = sizeof(struct flow),
	.item = offsetof(struct flow, item),
	.shift = FLOW_SHIFT,
	.limit = FDTAB_LIMIT,
	.chunk = fdtab_flow_chunk,
};

static _Atomic uint32_t *slot_of(int fd)
{
	_Atomic uint32_t *chunk;

	chunk = pool_chunk(
		&fdtab_chunk[(uint32_t)fd >> FDTAB_SHIFT], sizeof(*chunk) << FDTAB_SHIFT);
	return chunk ? &chunk[(uint32_t)fd & FDTAB_MASK] : NULL;
}

static void note_highest(int fd)
{
	int highest = atomic_load_explicit(&highest_fd, memory_order_relaxed);

	while (fd > highest && !atomic_compare_exchange_weak(&highest_fd, &highest, fd))
		;
}

void fdtab_set(int fd, uint32_t value)
{
	_Atomic uint32_t *slot;

	if ((uint32_t)fd >= FDTAB_LIMIT)
		return;
	slot = slot_of(fd);
	if (!slot)
		return;
	note_highest(fd);
	atomic_store_explicit(slot, value, memory_order_release);
}

uint32_t fdtab_exchange(int fd, uint32_t value)
{
	_Atomic uint32_t *slot = (uint32_t)fd < FDTAB_LIMIT ? slot_of(fd) : NULL;

	return slot ? atomic_exchange(slot, value) : SLOT_UNKNOWN;
}

void fdtab_replace(int fd, uint32_t from, uint32_t to)
{
	_Atomic uint32_t *slot;

	if ((uint32_t)fd >= FDTAB_LIMIT)
		return;
	slot = slot_of(fd);
	if (!slot)
		return;
	note_highest(fd);
	atomic_compare_exchange_strong(slot, &from, to);
}

/* A bit a descriptor; pages that nobody looks at take no memory. */
static _Atomic uint64_t closing[FDTAB_LIMIT / 64];

bool fdtab_closes_on_exec(int fd)
{
	return (uint32_t)fd < FDTAB_LIMIT && atomic_load(&closing[fd / 64]) >> (fd % 64) & 1;
}

void fdtab_close_on_exec(int fd, bool on)
{
	uint64_t bit = UINT64_C(1) << (fd % 64);

	if ((uint32_t)fd >= FDTAB_LIMIT)
		return;
	if (on)
		atomic_fetch_or(&closing[fd / 64], bit);
	else if (fdtab_closes_on_exec(fd))
		atomic_fetch_and(&closing[fd / 64], ~bit);
}

int fdtab_end(void)
{
	return atomic_load_explicit(&highest_fd, memory_order_relaxed) + 1;
}

uint32_t flow_count(void)
{
	return atomic_load_explicit(&flows.carved, memory_order_acquire);
}

/* So many at the same time, and a fork would feel the pages that they are in. */
#define MANY 1024u

/* Of the first chunk when there are many, of the others at once; each once. */
static void note_many(uint32_t index)
{
	static _Atomic bool noted[FLOW_CHUNKS];
	uint32_t chunk = index >> FLOW_SHIFT;

	if (index >= MANY && !atomic_load(&noted[chunk]) && !atomic_exchange(&noted[chunk], true))
		page_make_huge(flow_at(index & ~FLOW_MASK));
}

struct flow *flow_new(uint32_t *slot)
{
	uint32_t index;
	struct flow *flow = pool_take(&flows, &index);

	if (!flow)
		return NULL;
	note_many(index);
	/* A thread may still be in here on behalf of the flow before: `busy` and `life` stay, and
	 * `learner` always points to one. */
	atomic_store(&flow->learner, &learner_nobodys);
	atomic_store(&flow->state, 0);
	memset(&flow->turn, 0, offsetof(struct flow, item) - offsetof(struct flow, turn));
	flow->index = index;
	flow->decision = -1;
	atomic_store(&flow->refs, 1);
	*slot = SLOT_FLOW + index;
	return flow;
}

void flow_ref(struct flow *flow)
{
	atomic_fetch_add(&flow->refs, 1);
}

bool flow_unref(struct flow *flow)
{
	if (atomic_fetch_sub(&flow->refs, 1) != 1)
		return false;
	atomic_store(&flow->mode, 0);
	atomic_fetch_add(&flow->generation, 1);
	atomic_fetch_add(&flow->life, 1);
	flow_unmark(flow, FLOW_COUNTED);
	atomic_store(&flow->state, 0);
	pool_give(&flows, flow->index);
	return true;
}
