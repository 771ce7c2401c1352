/* Descriptor slots and flows: two growing tables and a free list.
 *
 * Nothing is ever given back to the kernel, so that no thread can be left with a pointer to
 * nothing. Must not look behind a descriptor: only hooks and flow.c say what it is. */
#include "shim/table/fdtab.h"

#include <string.h>

#include "shim/base/control.h"
#include "shim/table/learners.h"
#include "shim/base/page.h"
#include "shim/pure/word.h"

_Atomic uintptr_t fdtab_first[1u << FDTAB_SHIFT];
_Atomic(void *) fdtab_chunk[FDTAB_LIMIT >> FDTAB_SHIFT];
static _Atomic int highest_fd = -1;

_Atomic(void *) fdtab_flow_chunk[FLOW_CHUNKS];
_Atomic uint32_t flow_counted;
_Atomic uint32_t flow_watched;
struct pool fdtab_flows = {
	.size = sizeof(struct flow),
	.item = offsetof(struct flow, item),
	.shift = FLOW_SHIFT,
	.limit = FDTAB_LIMIT,
	.chunk = fdtab_flow_chunk,
};

static _Atomic uintptr_t *slot_of(int fd)
{
	_Atomic uintptr_t *chunk;

	if ((uint32_t)fd < 1u << FDTAB_SHIFT)
		return &fdtab_first[fd];
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

void fdtab_set(int fd, uintptr_t value)
{
	_Atomic uintptr_t *slot;

	if ((uint32_t)fd >= FDTAB_LIMIT)
		return;
	slot = slot_of(fd);
	if (!slot)
		return;
	note_highest(fd);
	atomic_store_explicit(slot, value, memory_order_release);
}

uintptr_t fdtab_exchange(int fd, uintptr_t value)
{
	_Atomic uintptr_t *slot = (uint32_t)fd < FDTAB_LIMIT ? slot_of(fd) : NULL;

	return slot ? atomic_exchange(slot, value) : SLOT_UNKNOWN;
}

void fdtab_replace(int fd, uintptr_t from, uintptr_t to)
{
	_Atomic uintptr_t *slot;

	if ((uint32_t)fd >= FDTAB_LIMIT)
		return;
	slot = slot_of(fd);
	if (!slot)
		return;
	note_highest(fd);
	atomic_compare_exchange_strong(slot, &from, to);
}

/* A bit a descriptor; pages that nobody looks at take no memory. */
static SELDOM _Atomic uint64_t closing[FDTAB_LIMIT / 64];

static bool closes_on_exec(int fd)
{
	return atomic_load(&closing[fd / 64]) >> (fd % 64) & 1;
}

int fdtab_next_inherited(int fd)
{
	while ((uint32_t)fd < FDTAB_LIMIT) {
		uint64_t open = ~atomic_load(&closing[fd / 64]) >> (fd % 64);

		if (open)
			return fd + __builtin_ctzll(open);
		fd = (fd | 63) + 1;
	}
	return fd;
}

void fdtab_close_on_exec(int fd, bool on)
{
	uint64_t bit = UINT64_C(1) << (fd % 64);

	if ((uint32_t)fd >= FDTAB_LIMIT)
		return;
	if (on)
		atomic_fetch_or(&closing[fd / 64], bit);
	else if (closes_on_exec(fd))
		atomic_fetch_and(&closing[fd / 64], ~bit);
}

int fdtab_end(void)
{
	return atomic_load_explicit(&highest_fd, memory_order_relaxed) + 1;
}

uint32_t flow_count(void)
{
	return atomic_load_explicit(&fdtab_flows.carved, memory_order_acquire);
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

struct flow *flow_new(uintptr_t *slot)
{
	uint32_t index;
	struct flow *flow = pool_take(&fdtab_flows, &index);

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
	flow->held_before = held_count(atomic_load(&flow->held));
	atomic_store(&flow->late, 0);
	atomic_fetch_add_explicit(&control_counts.flows, 1, memory_order_relaxed);
	atomic_store(&flow->refs, 1);
	*slot = (uintptr_t)flow;
	return flow;
}

void flow_ref(struct flow *flow)
{
	atomic_fetch_add(&flow->refs, 1);
}

/* Flows by their cookies, as index + 1; cookies count up (net/core/sock_diag.c). A row has room for
 * a few that meet there; where more of them live at once, the row is marked, and who is not found
 * in it is looked for among all. */
#define ROWS	8192
#define PLACES	4
#define CROWDED (1u << 31) /* in a row's first place */

static SELDOM _Atomic uint32_t by_cookie[ROWS][PLACES];

static _Atomic uint32_t *row_of(uint64_t cookie)
{
	return by_cookie[cookie % ROWS];
}

/* Nobody's, or of a flow that has ended, or has come again with another cookie. */
static bool is_free(const _Atomic uint32_t *row, uint32_t place)
{
	const struct flow *flow;

	if (!(place & ~CROWDED))
		return true;
	flow = flow_at((place & ~CROWDED) - 1);
	return !atomic_load(&flow->refs) || row_of(atomic_load(&flow->cookie)) != row;
}

static bool put(_Atomic uint32_t *place, uint32_t seen, uint32_t mine)
{
	return atomic_compare_exchange_strong(place, &seen, mine | (seen & CROWDED));
}

static bool put_in_row(_Atomic uint32_t *row, uint32_t mine)
{
	for (int i = 0; i < PLACES; i++) {
		uint32_t seen = atomic_load(&row[i]);

		if ((seen & ~CROWDED) == mine)
			return true;
		if (is_free(row, seen) && put(&row[i], seen, mine))
			return true;
	}
	return false;
}

void flow_set_cookie(struct flow *flow, uint64_t cookie)
{
	atomic_store(&flow->cookie, cookie);
	if (cookie && !put_in_row(row_of(cookie), flow->index + 1))
		atomic_fetch_or(row_of(cookie), CROWDED);
}

/* Unless it has ended, or is about to. */
static bool ref_living(struct flow *flow)
{
	uint32_t refs = atomic_load(&flow->refs);

	while (refs)
		if (atomic_compare_exchange_weak(&flow->refs, &refs, refs + 1))
			return true;
	return false;
}

/* With a reference more; NULL where it is not the one. */
static struct flow *ref_of_cookie(struct flow *flow, uint64_t cookie)
{
	if (atomic_load(&flow->cookie) != cookie || !ref_living(flow))
		return NULL;
	if (atomic_load(&flow->cookie) == cookie)
		return flow;
	flow_unref(flow);
	return NULL;
}

static struct flow *look_at_all(uint64_t cookie)
{
	struct flow *flow = NULL;

	for (uint32_t i = 0; i < flow_count() && !flow; i++)
		flow = ref_of_cookie(flow_at(i), cookie);
	return flow;
}

struct flow *flow_of_cookie(uint64_t cookie)
{
	_Atomic uint32_t *row = row_of(cookie);
	struct flow *flow = NULL;

	if (!cookie)
		return NULL;
	for (int i = 0; i < PLACES && !flow; i++) {
		uint32_t place = atomic_load(&row[i]) & ~CROWDED;

		flow = place ? ref_of_cookie(flow_at(place - 1), cookie) : NULL;
	}
	if (!flow && atomic_load(row) & CROWDED)
		return look_at_all(cookie);
	return flow;
}

/* mode, busy, life and state in one step. */
union hot {
	struct {
		uint8_t mode, busy;
		uint16_t life;
		uint32_t state;
	};
	uint64_t word;
};
_Static_assert(offsetof(struct flow, mode) == 0 && offsetof(struct flow, life) == 2 &&
		       offsetof(struct flow, state) == 4,
	"union hot");

bool flow_end_mode(struct flow *flow, uint16_t life)
{
	word64 *place = (word64 *)(void *)flow;
	union hot seen = {.word = __atomic_load_n(place, __ATOMIC_SEQ_CST)}, next;

	do {
		if (seen.life != life)
			return false;
		next = seen;
		next.mode = 0;
		next.state |= FLOW_RESIGNED;
	} while (!__atomic_compare_exchange_n(
		place, &seen.word, next.word, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return true;
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
	pool_give(&fdtab_flows, flow->index);
	return true;
}
