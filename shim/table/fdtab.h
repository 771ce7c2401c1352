/* The descriptor table: what is behind a descriptor, as far as we saw; and the flows.
 *
 * Two levels each, grown by mmap on demand and never unmapped, so a pointer to a flow stays valid
 * for ever (it may have become another flow: compare the generation). Lock-free and
 * async-signal-safe. Makes no system call but mmap. */
#ifndef SOCKFIX_FDTAB_H
#define SOCKFIX_FDTAB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/export.h"
#include "shim/base/page.h"
#include "shim/base/pool.h"
#include "shim/pure/timed.h"
#include "shim/pure/turn.h"

/* Descriptors beyond are 'other': the plain call. */
#define FDTAB_LIMIT (1u << 20)

/* Slots a chunk, as a power of two. */
#define FDTAB_SHIFT 12
#define FDTAB_MASK  ((1u << FDTAB_SHIFT) - 1)

#define FLOW_SHIFT  13 /* flows a chunk, as a power of two: PAGE_HUGE bytes */
#define FLOW_MASK   ((1u << FLOW_SHIFT) - 1)
#define FLOW_CHUNKS (FDTAB_LIMIT >> FLOW_SHIFT)

/* A slot holds one of these, or the address of a flow. */
enum {
	SLOT_UNKNOWN, /* never seen closed: perhaps inherited; worth one look */
	SLOT_OTHER,   /* not a TCP socket, or closed */
	SLOT_FILE,    /* other, and a regular file: reading it is no wait */
	SLOT_WAITS,   /* other, and reading it may block */
	SLOT_BEARER,  /* so does this one, a socket whose messages may have descriptors in them */
	SLOT_FLOW     /* and above: a flow */
};

/* Bits of flow.state; set and cleared atomically. */
enum flow_state {
	FLOW_SETTLED = 1 << 0, /* the rules have been asked */
	FLOW_SERVER = 1 << 1,  /* accepted, or a listener */
	FLOW_LISTENS = 1 << 2,
	FLOW_NONBLOCK = 1 << 3, /* O_NONBLOCK, as far as we saw it set */
	FLOW_QUICKACK = 1 << 4, /* arm TCP_QUICKACK again after each read */
	FLOW_NODELAY = 1 << 5,	/* TCP_NODELAY is on because auto or always wants it: it may be lent
				 * back to the program while it streams */
	FLOW_STREAM = 1 << 6,	/* and is lent just now, until its thread waits */
	FLOW_FORCED = 1 << 19,	/* a rule with `force` says what becomes of its writes */
	FLOW_OWN_CORK = 1 << 20, /* the program has TCP_CORK on */
	FLOW_CORKED = 1 << 21, /* it has held bytes back itself, and a rule says: until it waits */
	FLOW_WAITED = 1 << 18, /* somebody waited for what that kept back, once */
	FLOW_KEPT = 1 << 17,   /* or for longer, for it sends messages one a round */
	FLOW_V6 = 1 << 7,
	FLOW_NEWS = 1 << 8,    /* there are new rules since it was settled: see flow/news.h */
	FLOW_SHARED = 1 << 10, /* one thread writes what another reads */
	FLOW_PROVE =
		1 << 11, /* its connection, or blocks of its turns, are arms of a proof: proof.h */
	FLOW_BARE = 1 << 12,	/* and this is the one without the rules */
	FLOW_RESIGNED = 1 << 9, /* its program manages the sending itself: never hold again */
	FLOW_COLLECTS =
		1 << 13,	/* in user space: it has a buffer, which may have something in it */
	FLOW_DUE = 1 << 14,	/* TCP_NODELAY is to be set before its next write: see settle.h */
	FLOW_ADOPTED = 1 << 15, /* somebody else made it, and may go on with it after us */
	FLOW_ACKS = 1 << 16,	/* whether its ACKs are waited for is to be learnt */
	FLOW_TIMED = 1 << 22,	/* a rule with a holdout was drawn for it: settle/arms.h */
};

struct flow {
	/* hot: two cache lines, looked at by every write and read */
	_Atomic uint8_t mode;	/* enum coalesce; COALESCE_OFF: writes go out as they come */
	_Atomic uint8_t busy;	/* a thread is in the turn logic; others write through */
	_Atomic uint16_t life;	/* goes up when the flow ends: what a write began on may be gone */
	_Atomic uint32_t state; /* enum flow_state; see also flow_end_mode() */
	_Atomic uint64_t held;	/* who holds bytes back: see flow_holder() */
	_Atomic int held_fd;	/* a descriptor to push them with */
	_Atomic uint32_t nodelay_seen;	 /* nodelay_given_back, when TCP_NODELAY was last set */
	struct learner *_Atomic learner; /* the endpoint's; never NULL, see learner_nobodys */
	struct turn turn;		 /* under busy, but for what turn.h says */
	_Atomic uint64_t held_at;	 /* time of the last write that is held, in auto mode */
	struct answer answer;		 /* the thread's that reads; see acks.h */
	uint64_t listed;		 /* epoch of the thread on whose list it stands: thread.c */

	/* cold: looked at when options are set or asked for, or many flows are in use */
	uint32_t kept_round; /* of the thread among whose young it stands */
	uint32_t kept_rest;  /* writes for which it was last not left to Nagle: flow/keep.c */
	uint32_t kept_writes, kept_segments; /* since Nagle was given back; and at that time */
	_Atomic uint32_t refs;		     /* descriptors of this process that share it */
	_Atomic uint32_t shadow;	     /* what getsockopt answers for `ours`: see shadow.h */
	_Atomic uint64_t theirs;	     /* OPTION_BIT of what the program set itself */
	_Atomic uint64_t ours;		     /* of what we set */
	int16_t decision;		     /* see decisions.h; -1: none */
	uint8_t own_nodelay;		     /* TCP_NODELAY as the program has it */
	uint8_t nodelay_changes;	     /* and how often it changed that */
	uint16_t nodelay_by;  /* which process took it, 0: none ever did: settle/nodelay.c */
	uint16_t nodelay_set; /* how often somebody had set it then */
	union {
		uint8_t arm_mode; /* of the mended blocks; 0: no turns of it are proven */
		uint8_t arm_row;  /* of FLOW_TIMED, which a proof has none of */
	};
	_Atomic uint8_t given_up; /* enum trace_given_up: why its writes are left as they are */
	uint16_t port;		  /* the service's */
	uint16_t peer_port;
	uint16_t local_port;
	uint8_t peer[16];
	_Atomic uint64_t cookie; /* SO_COOKIE; 0: not asked for, or not told */
	union {
		struct {
			uint64_t arm_epoch; /* of the turn that was counted last; see proof.h */
			uint32_t arm_turns, arm_connection;
		};
		struct timed timed; /* of FLOW_TIMED */
	};

	/* outlives the flow: the next one in this place goes on with it */
	struct pool_item item;
	uint32_t index;		     /* its own: see flow_at() */
	_Atomic uint32_t generation; /* goes up when the flow ends */
	uint32_t watch_next;	     /* the deadline thread's list: index + 1 */
	struct buffer
		*_Atomic buffer; /* of COALESCE_BUFFER: see buffer.h; NULL until one was needed */
	bool watch_seen;	 /* it was held a tick ago; that thread's alone */
	_Atomic bool watched;	 /* on that list */
	_Atomic uint16_t late;	 /* its holds that came late */
	uint32_t held_before;	 /* held_count() of those that were in this place before */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct flow) << FLOW_SHIFT == PAGE_HUGE, "a chunk may be one page");
_Static_assert(offsetof(struct flow, kept_round) <= 128, "the hot part is two cache lines");

/* fdtab.c's own, here so that every hook's way out is short. The slots of the first chunk stand in
 * the library. */
extern _Atomic uintptr_t fdtab_first[1u << FDTAB_SHIFT] HIDDEN;
extern _Atomic(void *) fdtab_chunk[FDTAB_LIMIT >> FDTAB_SHIFT] HIDDEN;
extern _Atomic(void *) fdtab_flow_chunk[FLOW_CHUNKS] HIDDEN;
extern struct pool fdtab_flows HIDDEN;

/* The slot of fd; SLOT_UNKNOWN where nothing is known, SLOT_OTHER for numbers out of range. */
static inline uintptr_t fdtab_get(int fd)
{
	_Atomic uintptr_t *chunk;

	if (__builtin_expect((uint32_t)fd < 1u << FDTAB_SHIFT, 1))
		return atomic_load_explicit(&fdtab_first[fd], memory_order_acquire);
	if ((uint32_t)fd >= FDTAB_LIMIT)
		return SLOT_OTHER;
	chunk = atomic_load_explicit(
		&fdtab_chunk[(uint32_t)fd >> FDTAB_SHIFT], memory_order_acquire);
	if (!chunk)
		return SLOT_UNKNOWN;
	return atomic_load_explicit(&chunk[(uint32_t)fd & FDTAB_MASK], memory_order_acquire);
}

/* Sets it. Without memory the slot stays unknown, which costs a look later. */
void fdtab_set(int fd, uintptr_t slot);

/* Sets it and returns what it was: of two threads that close one descriptor, one gets the flow. */
uintptr_t fdtab_exchange(int fd, uintptr_t slot);

/* Sets it to `to` only if it is still `from`. */
void fdtab_replace(int fd, uintptr_t from, uintptr_t to);

/* Whether it is known that no program that this one becomes will have fd; as far as we saw it set.
 */
void fdtab_close_on_exec(int fd, bool on);
/* From fd on, the first of which it is not known; there may be no descriptor of that number. */
int fdtab_next_inherited(int fd);

/* One past the highest descriptor that may have a slot: the bound of a scan. */
int fdtab_end(void);

/* That flow; index is below flow_count(). What pool_at() does, with nothing to look up. */
static inline struct flow *flow_at(uint32_t index)
{
	struct flow *chunk =
		atomic_load_explicit(&fdtab_flow_chunk[index >> FLOW_SHIFT], memory_order_acquire);

	return &chunk[index & FLOW_MASK];
}

/* The flow of a slot >= SLOT_FLOW. */
static inline struct flow *fdtab_flow(uintptr_t slot)
{
	return (struct flow *)slot;
}

/* A new flow, zeroed, with one reference; its slot value goes to *slot. NULL without memory. */
struct flow *flow_new(uintptr_t *slot);

void flow_ref(struct flow *flow);

/* The flow of that SO_COOKIE, with a reference more; NULL: none is known. */
struct flow *flow_of_cookie(uint64_t cookie);
/* Makes it known by its cookie. */
void flow_set_cookie(struct flow *flow, uint64_t cookie);

/* Writes go out as they come from here on, for good. False: the flow that `life` is of has ended,
 * and another may be in its place. */
bool flow_end_mode(struct flow *flow, uint16_t life);

/* Gives a reference back; the last one ends the flow and frees it for reuse. Returns true then. */
bool flow_unref(struct flow *flow);

/* How many flows were ever made at the same time: the bound of a scan by flow_at(). */
uint32_t flow_count(void);

/* `held`: the number of the thread that holds in the low bits, 0 for none; then the chance that it
 * holds by (account.h), 0 in modes that need none; above, two counts, by which who pushed an older
 * hold does not take the mark of a newer one away: of marks set before a write, which goes round
 * (its highest bit goes with the mark, so that nothing is ever carried), and of writes that the
 * kernel has taken held. That one goes on from flow to flow. Who takes a mark away gives its chance
 * back. */
#define HELD_BY	    UINT64_C(0xffffff)
#define HELD_CHANCE UINT64_C(0x7000000)
#define HELD_TRY    UINT64_C(0x8000000)	  /* before the write */
#define HELD_ROUND  UINT64_C(0x80000000)  /* the tries begin anew */
#define HELD_NEXT   UINT64_C(0x100000000) /* behind it */
#define HELD_MARK   (HELD_BY | HELD_CHANCE | HELD_ROUND)
#define HELD_SHIFT  24 /* of the chance */

static inline uint32_t flow_holder(const struct flow *flow)
{
	return (uint32_t)(atomic_load(&flow->held) & HELD_BY);
}

static inline unsigned held_chance(uint64_t held)
{
	return (unsigned)((held & HELD_CHANCE) >> HELD_SHIFT);
}

/* Writes that the kernel has taken held, in this place of the table; goes round. */
static inline uint32_t held_count(uint64_t held)
{
	return (uint32_t)(held >> 32);
}

static inline bool flow_is(const struct flow *flow, uint32_t bits)
{
	return atomic_load_explicit(&flow->state, memory_order_relaxed) & bits;
}

/* Flows that are lent or collect, counted once for each of the two: at 0 nobody need look for one.
 */
#define FLOW_LENT    (FLOW_STREAM | FLOW_KEPT)
#define FLOW_COUNTED (FLOW_LENT | FLOW_COLLECTS)
extern _Atomic uint32_t flow_counted;
/* Flows that the deadline's thread watches: that hold, or have held until just now. */
extern _Atomic uint32_t flow_watched;

/* Both return the bits that changed. */
static inline uint32_t flow_mark(struct flow *flow, uint32_t bits)
{
	uint32_t state = atomic_fetch_or_explicit(&flow->state, bits, memory_order_relaxed);
	uint32_t fresh = bits & ~state;

	if (fresh & FLOW_COUNTED)
		atomic_fetch_add(&flow_counted, (uint32_t)__builtin_popcount(fresh & FLOW_COUNTED));
	return fresh;
}

static inline uint32_t flow_unmark(struct flow *flow, uint32_t bits)
{
	uint32_t state = atomic_fetch_and_explicit(&flow->state, ~bits, memory_order_relaxed);
	uint32_t gone = bits & state;

	if (gone & FLOW_COUNTED)
		atomic_fetch_sub(&flow_counted, (uint32_t)__builtin_popcount(gone & FLOW_COUNTED));
	return gone;
}

#endif
