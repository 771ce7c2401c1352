/* The other half of the 40 ms: an answer that comes in two small writes waits, at the peer, for our
 * own delayed ACK of its first part. Learns, per endpoint, where the rest of an answer comes as
 * late as such an ACK does, and whether sending it at once helps.
 *
 * Pure: gaps and round trips go in, in nanoseconds; what is to be done comes out. Needs no lock: a
 * lost update costs one lesson. */
#ifndef SOCKFIX_ACKS_H
#define SOCKFIX_ACKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/pure/word.h"

/* Our ACK leaves after 40 ms (include/net/tcp.h, TCP_DELACK_MIN) and up to a tick and a wake-up
 * later; the round trip comes on top. */
#define ACK_LOW_NS  36000000u
#define ACK_HIGH_NS 48000000u

#define ACKS_BELIEVED 2	   /* answers running, of those in parts, whose rest was so late */
#define ACKS_VAIN     2	   /* times that an ACK sent at once was followed by as long a wait */
#define ACKS_FINE     64   /* answers in parts that were not late: no more clocks for a while */
#define ACKS_LONE     1000 /* answers in one part: nothing to send ACKs for */
#define ACKS_UNWON    100  /* the same, where no ACK sent at once has helped yet */
#define ACKS_REST     1000 /* answers in parts that go by before it is tried again */

/* Of an endpoint. */
struct acks {
	_Atomic bool watches; /* times are read: answers come in parts here */
	_Atomic bool armed;   /* ACKs are sent at once */
	_Atomic bool won;     /* and that has helped, since */
	_Atomic uint16_t late, fine, vain, lone;
	_Atomic uint16_t rest;
};

/* Of a flow: what came since the program last wrote. */
struct answer {
	_Atomic uint64_t at;   /* time of the last part; 0: not read */
	_Atomic uint32_t left; /* bytes that had come when it was asked, and are not read */
	_Atomic uint8_t reads; /* calls; 2 at most */
	_Atomic uint8_t parts; /* those that brought something, while they are watched; 2 at most */
	_Atomic bool late;     /* a part of it was */
};

/* left, reads, parts and late in one look. */
static inline uint64_t answer_word(const struct answer *answer)
{
	_Static_assert(offsetof(struct answer, left) == 8 && offsetof(struct answer, reads) == 12 &&
			       sizeof(struct answer) == 16,
		"one look");
	return __atomic_load_n((const word64 *)(const void *)answer + 1, __ATOMIC_RELAXED);
}

/* Of an answer that one read took, and whose parts nobody looked at. Bytes lie from the low end up
 * on x86-64 and aarch64. */
#define ANSWER_READ_ONCE (UINT64_C(1) << 32)

/* Before a read: whether what it brings is of interest. */
static inline bool acks_reads(const struct acks *acks, struct answer *answer)
{
	unsigned reads = atomic_load_explicit(&answer->reads, memory_order_relaxed) + 1u;

	if (reads <= 2)
		atomic_store_explicit(&answer->reads, (uint8_t)reads, memory_order_relaxed);
	if (atomic_load_explicit(&acks->watches, memory_order_relaxed))
		return true;
	return reads > 1 && !atomic_load_explicit(&acks->rest, memory_order_relaxed);
}

/* Where ACKs are sent at once, a part is what has come, however many reads take it. After one of
 * `got` bytes: whether more was there when it was asked last. */
static inline bool answer_has_more(struct answer *answer, uint64_t got)
{
	uint32_t left = atomic_load_explicit(&answer->left, memory_order_relaxed);

	if (left <= got)
		return false;
	atomic_store_explicit(&answer->left, left - (uint32_t)got, memory_order_relaxed);
	return true;
}

/* So much is there now. */
static inline void answer_left(struct answer *answer, uint32_t left)
{
	atomic_store_explicit(&answer->left, left, memory_order_relaxed);
}

/* It has brought something, at `now`. Returns ns since the part before, 0: there was none, or
 * nobody looked. */
uint64_t acks_part(struct acks *acks, struct answer *answer, uint64_t now);

enum acks_news { ACKS_NOTHING, ACKS_LEARNT, ACKS_DROPPED };

/* That was ACK_LOW_NS or more, on a path of that smallest round trip. */
enum acks_news acks_gap(struct acks *acks, struct answer *answer, uint64_t gap, uint64_t rtt);

/* The program writes: the answer is over. Returns true where it came in parts, none of them late,
 * by ACKs that were sent at once. */
bool acks_over(struct acks *acks, struct answer *answer);

#endif
