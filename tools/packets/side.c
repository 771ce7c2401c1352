/* See side.h. Must not allocate, and must not believe a number: a capture may hold anything. */
#include "tools/packets/held.h"

#include <string.h>

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

/* Where no SYN was captured: Ethernet, with timestamps. */
#define USUAL_FULL 1448u
/* What every path takes: less is no full segment anywhere (RFC 9293, 3.7.1). */
#define SURELY_SMALL 536u

/* Both ends send them, in every segment, or neither does (RFC 7323, 3.2). */
#define STAMPS_SIZE  12u
#define LEARNT_LEAST 1000u

/* A packet is captured twice within that time; a retransmission takes a round trip at least. With
 * an identification (or a timestamp that goes on) it may be later. */
#define TWICE_SOON  (200 * US)
#define TWICE_LATER (20 * MS)

/* Segments whose ACKs tell what the way takes, where there was no handshake: some come late. */
#define SAMPLES_ENOUGH 4u

/* Out of order, or lost on its way here and sent again: by the time that it took. */
#define REORDERED (3 * MS)

static int32_t beyond(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

static uint32_t negotiated(const struct side *side, const struct side *other)
{
	const uint32_t least = side->mss < other->mss ? side->mss : other->mss;
	const uint32_t stamps = side->stamped && other->stamped ? STAMPS_SIZE : 0;

	return least >= STAMPS_SIZE + 64 ? least - stamps : USUAL_FULL;
}

uint32_t side_full(const struct side *side, const struct side *other)
{
	return side->learnt ? side->learnt : negotiated(side, other);
}

bool side_is_full(const struct side *side, const struct side *other, uint32_t length)
{
	return length % side_full(side, other) == 0 || (!other->mss && length >= SURELY_SMALL);
}

/* A way that takes less than both ends do (a tunnel): two alike, one behind the other. */
static void learn_full(struct side *side, const struct side *other, uint32_t length)
{
	if (!side->learnt && length == side->length && length >= LEARNT_LEAST &&
		length < negotiated(side, other) && side->acked != side->next)
		side->learnt = length;
	side->length = length;
}

bool side_saw(struct side *side, const struct segment *segment)
{
	const struct seen now = {segment->time, segment->seq, segment->ack, segment->length,
		segment->stamp, segment->id, segment->flags};

	if (!segment->length && !(segment->flags & (SEGMENT_SYN | SEGMENT_FIN)))
		return false;
	for (int i = 0; i < 2; i++) {
		const struct seen *seen = &side->seen[i];
		const uint64_t age = now.time > seen->time ? now.time - seen->time : 0;

		if (seen->time && age < (now.id ? TWICE_LATER : TWICE_SOON) &&
			seen->seq == now.seq && seen->ack == now.ack &&
			seen->length == now.length && seen->stamp == now.stamp &&
			seen->id == now.id && seen->flags == now.flags)
			return true;
	}
	side->seen[side->seen_next] = now;
	side->seen_next ^= 1;
	return false;
}

/* Its window is full where another full segment does not fit any more. Without its scale only a
 * window of 0 is known. */
static bool is_limited(const struct side *side, const struct side *other)
{
	const uint32_t flying = side->next - side->acked;

	if (other->scale < 0)
		return other->window == 0;
	return flying + side_full(side, other) > other->window && flying >= other->window / 2;
}

void side_pass(struct side *side, const struct side *other, uint64_t before, uint64_t now)
{
	const uint64_t passed = before && now > before ? now - before : 0;

	if (!side->begun || side->opening || beyond(side->next, side->acked) <= 0)
		return;
	side->busy += passed;
	if (is_limited(side, other))
		side->limited += passed;
}

/* ---- ACKs ---- */

static void take_sample(struct side *side, const struct segment *segment)
{
	const uint64_t gap = segment->time - side->timed_at;

	if (!side->timed || beyond(segment->ack, side->timed_end) < 0)
		return;
	side->timed = false;
	if (segment->time < side->timed_at)
		return;
	side->samples += side->samples < UINT32_MAX;
	side->shook = side->shook || side->opening;
	if (!side->gap || gap < side->gap)
		side->gap = gap ? gap : 1;
}

/* Nothing of it was captured, and yet it sends: what the other end acknowledges. */
static void acked_unseen(struct side *side, const struct segment *segment)
{
	const bool news = beyond(segment->ack, side->acked) > 0;

	if (side->unseen && news)
		side->missed += segment->ack - side->acked;
	if (news || !side->unseen)
		side->acked = segment->ack;
	side->unseen = true;
}

void side_acked(struct side *side, const struct segment *segment)
{
	if (!side->begun) {
		acked_unseen(side, segment);
		return;
	}
	if (beyond(segment->ack, side->acked) <= 0)
		return;
	/* it acknowledges what was not captured */
	if (beyond(segment->ack, side->next) > 0) {
		side->missed += segment->ack - side->next;
		side->next = segment->ack;
		side->small = side->timed = false;
	}
	take_sample(side, segment);
	side->opening = false;
	side->acked = segment->ack;
	side->acked_at = segment->time;
}

uint64_t side_around(const struct side *side)
{
	return side->shook || side->samples >= SAMPLES_ENOUGH ? side->gap : 0;
}

/* ---- data ---- */

bool side_opens(struct side *side, const struct segment *segment)
{
	const bool again = side->begun && side->next == segment->seq + 1;

	if (again) {
		side->timed = false;
		return false;
	}
	side->begun = true;
	side->next = segment->seq + 1;
	side->acked = side->small_end = side->first = segment->seq;
	side->mss = segment->mss ? segment->mss : SURELY_SMALL;
	side->scale = segment->scale < 0 && !segment->cut ? 0 : segment->scale;
	side->timed = side->opening = true;
	side->timed_end = side->next;
	side->timed_at = segment->time;
	return true;
}

/* What it had sent before. */
static enum news old_news(struct side *side, const struct segment *segment)
{
	const uint32_t end = segment->seq + segment->length;

	if (beyond(segment->seq, side->hole) >= 0 && beyond(end, side->hole_end) <= 0)
		return NEWS_FILLS;
	/* A keepalive, or a probe of a closed window, has a byte that was acknowledged. */
	if (segment->length <= 1 && end == side->next && side->acked == side->next) {
		side->keeps = true;
		return NEWS_NONE;
	}
	return NEWS_AGAIN;
}

enum news side_sends(struct side *side, const struct side *other, const struct segment *segment,
	uint64_t around, bool *held)
{
	*held = false;
	if (!segment->length) {
		side->keeps =
			side->keeps || (side->begun && side->acked == side->next &&
					       segment->seq + 1 == side->next &&
					       !(segment->flags & (SEGMENT_SYN | SEGMENT_RST)));
		return NEWS_NONE;
	}
	if (!side->begun) {
		side->begun = true;
		side->next = side->acked = side->small_end = segment->seq;
	}
	if (beyond(segment->seq + segment->length, side->next) <= 0)
		return old_news(side, segment);
	if (segment->seq == side->next && !side_is_full(side, other, segment->length)) {
		*held = held_take(side, other, segment, around);
	}
	return NEWS_DATA;
}

static void send_new(struct side *side, struct side *other, const struct segment *segment)
{
	const uint32_t full = side_full(side, other), end = segment->seq + segment->length;
	const int32_t gap = beyond(segment->seq, side->next);

	if (gap > 0) {
		side->missed += (uint32_t)gap;
		side->hole = side->next;
		side->hole_end = segment->seq;
		side->hole_at = segment->time;
	}
	side->bytes += gap < 0 ? end - side->next : segment->length;
	side->segments += (segment->length + full - 1) / full;
	learn_full(side, other, segment->length);
	side->next = end;
	side->small = !side_is_full(side, other, segment->length);
	if (side->small)
		side->small_end = end;
	side->answered = false;
	other->answered = true;
	side->sent_at = segment->time;
	if (!side->timed) {
		side->timed = true;
		side->timed_end = end;
		side->timed_at = segment->time;
	}
}

void side_sent(struct side *side, struct side *other, const struct segment *segment, enum news news)
{
	const uint32_t full = side_full(side, other);

	if (news == NEWS_DATA)
		send_new(side, other, segment);
	if (news == NEWS_FILLS) {
		side->bytes += segment->length;
		side->missed -= side->missed < segment->length ? side->missed : segment->length;
		side->segments += (segment->length + full - 1) / full;
		if (segment->seq == side->hole)
			side->hole += segment->length;
	}
	if (news == NEWS_AGAIN ||
		(news == NEWS_FILLS && segment->time > side->hole_at + REORDERED)) {
		side->again += (segment->length + full - 1) / full;
		side->timed = false; /* of which of the two the ACK is nobody knows */
	}
}
