/* Whether Nagle's algorithm kept a segment back, and what speaks against it; see side.h. The rest
 * of what a side is, side.c keeps. */
#include "tools/packets/held.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

/* Shorter holds are as good as none, and chance more likely. */
#define HOLD_LEAST (5 * MS)

/* What a kernel takes from the ACK to the segment that waited for it, on a busy machine. */
#define RELEASE (300 * US)

/* Below that what an end itself takes counts for more than the way to it. */
#define FAR_AWAY MS

/* It left long before the ACK can have come to where it was sent. */
static bool is_early(const struct side *side, const struct segment *segment, uint64_t around)
{
	return side->acked == side->next && side->acked_at > side->sent_at && around >= FAR_AWAY &&
	       segment->time < side->acked_at + around / 2;
}

/* A small one behind a small one that is under way: Nagle would have waited. What the FIN is in
 * need not. */
static bool is_unheld(const struct side *side, const struct segment *segment, uint64_t around)
{
	return side->small && side->small_end == side->next && !(segment->flags & SEGMENT_FIN) &&
	       ((int32_t)(side->small_end - side->acked) > 0 || is_early(side, segment, around));
}

/* Whether the ACK was all that it can have waited for. */
static bool may_be_held(const struct side *side, const struct segment *segment)
{
	return side->small && side->small_end == side->next && side->acked == side->next &&
	       !side->answered && side->acked_at > side->sent_at &&
	       segment->time >= side->acked_at && segment->time - side->sent_at >= HOLD_LEAST;
}

/* At once, for a kernel; a program that has its own reasons comes at any time. */
static bool is_released(const struct side *side, const struct segment *segment, uint64_t around)
{
	const uint64_t hold = segment->time - side->sent_at, late = segment->time - side->acked_at;

	if (around >= FAR_AWAY && late < around / 4 * 3)
		return false;
	return late <= around + around / 8 + RELEASE + hold / 64;
}

/* Whoever often comes at other times, now and then comes at this one. */
static bool is_held(
	struct side *side, const struct side *other, const struct segment *segment, uint64_t around)
{
	if (!may_be_held(side, segment) ||
		(other->window && side->length + segment->length > other->window))
		return false;
	if (!is_released(side, segment, around)) {
		side->strays++;
		return false;
	}
	side->holds++;
	return !side_has_no_nagle(side) && side->strays <= side->holds;
}

bool held_take(
	struct side *side, const struct side *other, const struct segment *segment, uint64_t around)
{
	if (is_unheld(side, segment, around)) {
		side->unheld++;
		return false;
	}
	return is_held(side, other, segment, around);
}
