/* Learns where our delayed ACK is waited for, and unlearns it where it was not that.
 *
 * Must stay pure; whoever asks sends the ACKs. */
#include "shim/pure/acks.h"

#define relaxed memory_order_relaxed

static unsigned get(const _Atomic uint16_t *counter)
{
	return atomic_load_explicit(counter, relaxed);
}

static void put(_Atomic uint16_t *counter, unsigned value)
{
	if (get(counter) != value)
		atomic_store_explicit(counter, (uint16_t)value, relaxed);
}

/* Returns whether it has come to `most`, and begins anew then. */
static bool count(_Atomic uint16_t *counter, unsigned most)
{
	unsigned value = get(counter) + 1;

	put(counter, value < most ? value : 0);
	return value >= most;
}

static void watch(struct acks *acks, bool on)
{
	atomic_store_explicit(&acks->watches, on, relaxed);
}

static bool is_armed(const struct acks *acks)
{
	return atomic_load_explicit(&acks->armed, relaxed);
}

static bool has_won(const struct acks *acks)
{
	return atomic_load_explicit(&acks->won, relaxed);
}

static void arm(struct acks *acks, bool on)
{
	atomic_store_explicit(&acks->armed, on, relaxed);
	atomic_store_explicit(&acks->won, false, relaxed);
	put(&acks->late, 0);
	put(&acks->vain, 0);
	put(&acks->fine, 0);
	put(&acks->lone, 0);
}

static void rest(struct acks *acks)
{
	arm(acks, false);
	watch(acks, false);
	put(&acks->rest, ACKS_REST);
}

uint64_t acks_part(struct acks *acks, struct answer *answer, uint64_t now)
{
	uint64_t before = atomic_load_explicit(&answer->at, relaxed);
	unsigned parts = atomic_load_explicit(&answer->parts, relaxed);

	if (!atomic_load_explicit(&acks->watches, relaxed))
		watch(acks, true);
	atomic_store_explicit(&answer->at, now, relaxed);
	if (parts < 2)
		atomic_store_explicit(&answer->parts, (uint8_t)(parts + 1), relaxed);
	return before ? now - before : 0;
}

enum acks_news acks_gap(struct acks *acks, struct answer *answer, uint64_t gap, uint64_t rtt)
{
	bool again = atomic_load_explicit(&answer->late, relaxed);

	if (gap < ACK_LOW_NS + rtt || gap > ACK_HIGH_NS + rtt)
		return ACKS_NOTHING;
	atomic_store_explicit(&answer->late, true, relaxed);
	if (is_armed(acks)) {
		if (!count(&acks->vain, ACKS_VAIN))
			return ACKS_NOTHING;
		rest(acks);
		return ACKS_DROPPED;
	}
	if (again || !count(&acks->late, ACKS_BELIEVED))
		return ACKS_NOTHING;
	arm(acks, true);
	return ACKS_LEARNT;
}

/* In two parts or more, none of them late. */
static bool was_fine(struct acks *acks)
{
	put(&acks->late, 0);
	put(&acks->vain, 0);
	put(&acks->lone, 0);
	if (is_armed(acks)) {
		if (!has_won(acks))
			atomic_store_explicit(&acks->won, true, relaxed);
		return true;
	}
	if (count(&acks->fine, ACKS_FINE))
		rest(acks);
	return false;
}

/* In one part, though ACKs are sent at once. */
static void was_lone(struct acks *acks)
{
	if (count(&acks->lone, has_won(acks) ? ACKS_LONE : ACKS_UNWON))
		arm(acks, false);
}

static void forget(struct answer *answer)
{
	atomic_store_explicit(&answer->at, 0, relaxed);
	atomic_store_explicit(&answer->reads, 0, relaxed);
	atomic_store_explicit(&answer->parts, 0, relaxed);
	atomic_store_explicit(&answer->left, 0, relaxed);
	atomic_store_explicit(&answer->late, false, relaxed);
}

bool acks_over(struct acks *acks, struct answer *answer)
{
	unsigned reads = atomic_load_explicit(&answer->reads, relaxed);
	unsigned parts = atomic_load_explicit(&answer->parts, relaxed);
	bool late = atomic_load_explicit(&answer->late, relaxed);
	unsigned resting = get(&acks->rest);

	forget(answer);
	if (resting && reads > 1)
		put(&acks->rest, resting - 1);
	if (parts > 1 && !late)
		return was_fine(acks);
	if (parts == 1 && is_armed(acks))
		was_lone(acks);
	return false;
}
