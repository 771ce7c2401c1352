/* One end of a conversation, by the segments that it sent and the ACKs that it got, as they passed
 * the place of the capture. Pure; a few dozen bytes whatever it sends. Sequence numbers wrap round.
 *
 * A hold of Nagle's algorithm looks like this from outside: a segment that is not full; nothing
 * else from either end, until an ACK without data has acknowledged it; and at once behind that ACK,
 * as soon as its sender can have it, the next segment. Only the kernel can know of that ACK: what a
 * program writes later for reasons of its own comes at any time. (RFC 896; RFC 1122, 4.2.3.4;
 * tcp_nagle_check() in net/ipv4/tcp_output.c.) */
#ifndef SOCKFIX_PACKET_SIDE_H
#define SOCKFIX_PACKET_SIDE_H

#include "tools/packets/segment.h"

/* What a segment with data is. */
enum news {
	NEWS_NONE,  /* no data, or a probe of a connection that is idle */
	NEWS_DATA,  /* what was not seen before */
	NEWS_AGAIN, /* sent again */
	NEWS_FILLS, /* out of order: it fills a gap */
};

struct side {
	bool begun;	      /* next is known */
	bool unseen;	      /* nothing of it came yet, and ACKs for it did */
	bool stamped;	      /* its segments have timestamps */
	bool small;	      /* the last segment was not full */
	bool answered;	      /* the other end sent data since its last data */
	bool timed;	      /* `timed_end` is under way, once */
	bool opening;	      /* and is its SYN */
	bool shook;	      /* `gap` is of the handshake, or less */
	bool finished, keeps; /* it sent a FIN; a keepalive */
	int8_t scale;	      /* of its window; -1: not known */
	uint16_t mss;	      /* that it takes; 0: not known */
	uint32_t learnt;      /* a full segment's bytes, by what it sends; 0: not known */
	uint32_t length;      /* of its last segment with data */
	uint32_t next;	      /* behind all that it sent */
	uint32_t first;	      /* its SYN, or 0 */
	uint32_t acked;	      /* of that the other end has */
	uint32_t small_end;   /* behind its last segment that was not full */
	uint32_t window;      /* bytes that it lets the other end send */
	uint32_t timed_end, samples;
	uint64_t timed_at;
	uint64_t gap; /* ns: the least from a segment of it to its ACK: to the other end and back */
	uint64_t sent_at, acked_at; /* its last new data; the last ACK with news for it */
	uint64_t bytes, missed;	    /* seen; and in gaps */
	uint32_t hole, hole_end;    /* the last gap */
	uint64_t hole_at;
	uint64_t segments, again; /* with data; sent again */
	uint64_t holds, unheld; /* what Nagle kept back; and what he would have kept, and was not */
	uint64_t strays;	/* what came at other times than a hold ends */
	uint64_t busy, limited; /* ns: with data under way; while the other's window was full */
	struct seen {
		uint64_t time;
		uint32_t seq, ack, length, stamp;
		uint16_t id;
		uint8_t flags;
	} seen[2]; /* for packets that were captured twice */
	uint8_t seen_next;
};

/* Payload of a full segment that `side` sends to `other`. */
uint32_t side_full(const struct side *side, const struct side *other);
/* Whether nothing is left over behind full ones. */
bool side_is_full(const struct side *side, const struct side *other, uint32_t length);

/* A packet with data, SYN or FIN that was captured just before (`-i any`, a bridge, a mirror). */
bool side_saw(struct side *side, const struct segment *segment);

/* Its SYN, which may be of SYN-ACK; false: it was sent again. */
bool side_opens(struct side *side, const struct segment *segment);

/* ns from the place of the capture to the *other* end and back; 0: not known, or none. */
uint64_t side_around(const struct side *side);

/* What passed since `before`, with all as it was. */
void side_pass(struct side *side, const struct side *other, uint64_t before, uint64_t now);

/* The segment's ACK, sent by `other`, of what `side` has sent. */
void side_acked(struct side *side, const struct segment *segment);

/* The segment's data, sent by `side`. *held: Nagle kept it back until then, for side->sent_at is
 * that of the segment before yet. around: ns from the capture to `side` and back. */
enum news side_sends(struct side *side, const struct side *other, const struct segment *segment,
	uint64_t around, bool *held);
/* Behind side_sends(): it is part of what was sent. */
void side_sent(
	struct side *side, struct side *other, const struct segment *segment, enum news news);

/* Whether what looked held was by chance, as all of it tells. */
static inline bool side_is_by_chance(const struct side *side)
{
	return side->unheld * 8 > side->holds || side->strays * 2 > side->holds;
}

/* Whether what it does tells that Nagle's algorithm is off there. */
static inline bool side_has_no_nagle(const struct side *side)
{
	return side->unheld * 8 > side->holds;
}

#endif
