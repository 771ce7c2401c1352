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

#include "pool.h"
#include "turn.h"

/* Descriptors beyond are 'other': the plain call. */
#define FDTAB_LIMIT (1u << 20)

/* Slots a chunk, as a power of two. */
#define FDTAB_SHIFT 12
#define FDTAB_MASK  ((1u << FDTAB_SHIFT) - 1)

#define FLOW_SHIFT  8 /* flows a chunk, as a power of two */
#define FLOW_CHUNKS (FDTAB_LIMIT >> FLOW_SHIFT)

/* A slot holds one of these, or SLOT_FLOW plus the index of a flow. */
enum {
	SLOT_UNKNOWN, /* never seen closed: perhaps inherited; worth one look */
	SLOT_OTHER,   /* not a TCP socket, or closed */
	SLOT_FILE,    /* other, and a regular file: reading it is no wait */
	SLOT_WAITS,   /* other, and reading it may block */
	SLOT_FLOW
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
	FLOW_STREAM = 1 << 6,	/* and is lent just now */
	FLOW_V6 = 1 << 7,
	FLOW_FRESH = 1 << 8,   /* seen from socket() on: options stand at their defaults */
	FLOW_SHARED = 1 << 10, /* one thread writes what another reads */
	FLOW_PROVE =
		1 << 11, /* its connection, or blocks of its turns, are arms of a proof: arm.h */
	FLOW_BARE = 1 << 12,	/* and this is the one without the rules */
	FLOW_RESIGNED = 1 << 9, /* its program manages the sending itself: never hold again */
};

/* What recording knows of a flow: see trace_connection.h. Valid while `id` is this process's. */
struct flow_trace {
	_Atomic uint32_t id;
	uint32_t number; /* of its connection */
	struct trace_connection *connection;
	uint64_t opened;	     /* when socket() returned; 0: not seen */
	uint64_t looked;	     /* when its listener was last asked for its queue */
	uint32_t backlog, passed_on; /* what listen() was asked for, and what the kernel was */
	_Atomic uint32_t writes;     /* since its last read */
	bool nodelay;		     /* the program turned TCP_NODELAY on */
	bool proven;		     /* the kernel held bytes back in this turn, and was asked */
	bool connecting, fdopened;
};

struct flow {
	/* hot: one cache line, looked at by every write and read */
	_Atomic uint8_t mode;	/* enum coalesce; COALESCE_OFF: writes go out as they come */
	_Atomic uint8_t busy;	/* a thread is in the turn logic; others write through */
	_Atomic uint16_t life;	/* goes up when the flow ends: what a write began on may be gone */
	_Atomic uint32_t state; /* enum flow_state */
	_Atomic uint32_t held;	/* who holds bytes back: see flow_holder() */
	_Atomic int held_fd;	/* a descriptor to push them with */
	struct learner *_Atomic learner; /* the endpoint's; never NULL, see learner_nobodys */
	struct turn turn;		 /* under busy */

	/* cold: looked at when options are set or asked for */
	_Atomic uint32_t refs;	 /* descriptors of this process that share it */
	_Atomic uint32_t shadow; /* what getsockopt answers for `ours`: see shadow.h */
	_Atomic uint64_t theirs; /* OPTION_BIT of what the program set itself */
	_Atomic uint64_t ours;	 /* of what we set */
	int16_t decision;	 /* see decisions.h; -1: none */
	uint16_t port;		 /* the service's */
	uint16_t peer_port;
	uint16_t local_port;
	uint8_t peer[16];
	uint64_t cookie;    /* SO_COOKIE: whose bytes are in the buffer */
	uint64_t arm_epoch; /* of the turn that was counted last; see arm.h */
	uint32_t arm_turns, arm_connection;
	uint8_t arm_mode; /* of the mended blocks; 0: no turns of it are proven */
	struct flow_trace trace;

	/* outlives the flow: the next one in this place goes on with it */
	struct pool_item item;
	uint32_t index;		     /* its own: see flow_at() */
	_Atomic uint32_t generation; /* goes up when the flow ends */
	uint32_t watch_next;	     /* the deadline thread's list: index + 1 */
	struct buffer *buffer; /* of COALESCE_BUFFER: see buffer.h; NULL until one was needed */
	bool watch_seen;       /* it was held a tick ago; that thread's alone */
	_Atomic bool watched;  /* on that list */
} __attribute__((aligned(64)));

_Static_assert(offsetof(struct flow, refs) == 64, "the hot part is one cache line");

/* fdtab.c's own, here so that every hook's way out is short. */
extern _Atomic(void *) fdtab_chunk[FDTAB_LIMIT >> FDTAB_SHIFT];
extern _Atomic(void *) fdtab_flow_chunk[FLOW_CHUNKS];

/* The slot of fd; SLOT_UNKNOWN where nothing is known, SLOT_OTHER for numbers out of range. */
static inline uint32_t fdtab_get(int fd)
{
	_Atomic uint32_t *chunk;

	if ((uint32_t)fd >= FDTAB_LIMIT)
		return SLOT_OTHER;
	chunk = atomic_load_explicit(
		&fdtab_chunk[(uint32_t)fd >> FDTAB_SHIFT], memory_order_acquire);
	if (!chunk)
		return SLOT_UNKNOWN;
	return atomic_load_explicit(&chunk[(uint32_t)fd & FDTAB_MASK], memory_order_acquire);
}

/* Sets it. Without memory the slot stays unknown, which costs a look later. */
void fdtab_set(int fd, uint32_t slot);

/* Sets it and returns what it was: of two threads that close one descriptor, one gets the flow. */
uint32_t fdtab_exchange(int fd, uint32_t slot);

/* Sets it to `to` only if it is still `from`. */
void fdtab_replace(int fd, uint32_t from, uint32_t to);

/* One past the highest descriptor that may have a slot: the bound of a scan. */
int fdtab_end(void);

/* That flow; index is below flow_count(). What pool_at() does, with nothing to look up. */
static inline struct flow *flow_at(uint32_t index)
{
	struct flow *chunk =
		atomic_load_explicit(&fdtab_flow_chunk[index >> FLOW_SHIFT], memory_order_acquire);

	return &chunk[index & ((1u << FLOW_SHIFT) - 1)];
}

/* The flow of a slot >= SLOT_FLOW. */
static inline struct flow *fdtab_flow(uint32_t slot)
{
	return flow_at(slot - SLOT_FLOW);
}

/* A new flow, zeroed, with one reference; its slot value goes to *slot. NULL without memory. */
struct flow *flow_new(uint32_t *slot);

void flow_ref(struct flow *flow);

/* Gives a reference back; the last one ends the flow and frees it for reuse. Returns true then. */
bool flow_unref(struct flow *flow);

/* How many flows were ever made at the same time: the bound of a scan by flow_at(). */
uint32_t flow_count(void);

/* `held`: the number of the thread that holds in the low bits, 0 for none; above, a count that
 * every hold moves on, so that who pushed an older hold does not take the mark of a newer one away.
 */
#define HELD_BY	  0xffffffu
#define HELD_NEXT 0x1000000u

static inline uint32_t flow_holder(const struct flow *flow)
{
	return atomic_load(&flow->held) & HELD_BY;
}

static inline bool flow_is(const struct flow *flow, uint32_t bits)
{
	return atomic_load_explicit(&flow->state, memory_order_relaxed) & bits;
}

static inline void flow_mark(struct flow *flow, uint32_t bits)
{
	atomic_fetch_or_explicit(&flow->state, bits, memory_order_relaxed);
}

static inline void flow_unmark(struct flow *flow, uint32_t bits)
{
	atomic_fetch_and_explicit(&flow->state, ~bits, memory_order_relaxed);
}

#endif
