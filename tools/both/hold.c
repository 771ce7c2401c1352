/* Whether a message's last bytes were held by who said it, for how long, and what of that was the
 * want of an ACK. Held is what the sender's kernel said itself (EVENT_PROVEN), or what its own cork
 * kept, while the receiver waited with nothing to read. Pure. */
#include "tools/both/both_parts.h"

#define MS UINT64_C(1000000)

/* Shorter holds are not told from a busy host. */
#define LEAST_HOLD MS
#define LEAST_CORK (20 * MS)
/* Where segments were sent again, a longer wait may be theirs. */
#define DELAYED_ACK_LOW	 (30 * MS)
#define DELAYED_ACK_MOST (65 * MS)

/* The last bytes, or what was written right before them: a hold that ended before the program went
 * on is none of theirs. */
static bool last_is_proven(const struct message *message)
{
	const struct both_call *last = message->last;

	for (const struct both_call *call = last;
		call >= message->first && last->begin - call->begin < DELAYED_ACK_LOW; call--)
		if (call->flags & EVENT_PROVEN)
			return true;
	return false;
}

/* Where no kernel was asked (a log of calls, not a recording): as Nagle's algorithm and a delayed
 * ACK would have it. The first part was read by itself, the last one came a delayed ACK later. */
static bool looks_held(
	const struct leg *leg, const struct both_talk *talk, enum both_side side, uint64_t round)
{
	const bool unknown = !talk->kernel[side].nagle_known ||
			     (talk->kernel[side].unasked && talk->kernel[side].nagle);

	return unknown && leg->message.first != leg->message.last &&
	       leg->waits->from > leg->message.first->from && leg->waited >= DELAYED_ACK_LOW &&
	       leg->waited <= DELAYED_ACK_MOST + round;
}

/* Whether the last bytes could have been held at all, and for so long. */
static bool may_be_held(
	const struct leg *leg, const struct both_talk *talk, enum both_side side, uint64_t round)
{
	const struct both_call *last = leg->message.last;
	const uint64_t least = round / 2 > LEAST_HOLD ? round / 2 : LEAST_HOLD;

	return leg->waited >= least && last->to - last->from < talk->kernel[side].mss &&
	       (!talk->kernel[side].retrans || leg->waited <= DELAYED_ACK_MOST + round);
}

/* Held by Nagle: as long as an ACK that comes at once takes, and from then on for its want. round:
 * there and back, ns. */
static void hold_by_nagle(
	struct leg *leg, const struct both_talk *talk, enum both_side side, uint64_t round)
{
	const struct both_call *last = leg->message.last;
	const struct both_call *before = last->from ? last - 1 : last;
	const uint64_t at_once = before->begin + round;

	if (!may_be_held(leg, talk, side, round) || talk->kernel[side].chance)
		return;
	if (!last_is_proven(&leg->message) && !looks_held(leg, talk, side, round))
		return;
	leg->proven = last_is_proven(&leg->message) && !talk->kernel[side].unasked &&
		      !talk->kernel[!side].unasked;
	leg->hold = HOLD_NAGLE;
	leg->held = at_once > last->begin ? at_once - last->begin : 0;
	if (leg->held > leg->waited)
		leg->held = leg->waited;
	leg->withheld = leg->waited - leg->held;
}

void hold_take(struct leg *leg, const struct both_talk *talk, enum both_side side, uint64_t round)
{
	const uint8_t flags = leg->message.last->flags;

	if (!(flags & (EVENT_CORK | EVENT_MORE))) {
		hold_by_nagle(leg, talk, side, round);
	} else if (leg->waited >= LEAST_CORK) {
		leg->hold = flags & EVENT_CORK ? HOLD_CORK : HOLD_MORE;
		leg->held = leg->waited;
		leg->proven = !talk->kernel[side].unasked && !talk->kernel[!side].unasked;
	}
}
