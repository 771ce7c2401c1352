/* The switch as it lies in memory, and where the library keeps what it knows: what it reads before
 * every call, and what the command reads and writes from outside. It is found by an ELF note of the
 * library that is in memory, too, and so also where the file has been deleted or replaced.
 *
 * Addresses are those of the process. Who reads from outside reads what changes meanwhile: it must
 * bound every number, and follow nothing further than it can tell. */
#ifndef SOCKFIX_CONTROL_PAGE_H
#define SOCKFIX_CONTROL_PAGE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define CONTROL_MAGIC "sockfix"	 /* the note's name, and what the page says of itself */
#define CONTROL_NOTE  0x53464958 /* the note's type */

/* Of the note and of what follows: another one is let be. */
#define CONTROL_VERSION 2

/* What the note says. */
struct control_note {
	int64_t away; /* bytes from here to struct control */
	uint32_t version, size;
};

enum { CONTROL_INERT, CONTROL_RUNS, CONTROL_RESIGNED };

struct control {
	_Atomic uint32_t on; /* 0: every hook is the plain call; 1: it is not; above that, 2 for
			      * each thread in whose place a vfork child may be */
	/* What makes every call go the long way: calls are recorded; nothing is held any more,
	 * though options still apply; `sockfix off`, which is written from outside, and never from
	 * inside; and new rules (struct control_given): set from outside, cleared from inside. */
	_Atomic uint8_t records, bars, wanted_off, wanted_rules;
	char magic[8];
	uint32_t version, size;
	_Atomic uint32_t state; /* resigned is for good */
	uint32_t spare;
	char release[24];     /* ends in NUL */
	_Atomic uint64_t map; /* address of a struct control_map; 0: there is nothing to tell */
};

_Static_assert(sizeof(struct control) == 64, "a new layout is a new version");

/* ---- what the library knows ---- */

#define CONTROL_REASONS 32 /* at least GIVEN_UP_COUNT */

/* Since the process, or what it is forked from, began. */
struct control_counts {
	_Atomic uint64_t flows;		/* sockets of TCP, that were ever looked after */
	_Atomic uint64_t late, late_ns; /* holds that came late, and what they cost */
	_Atomic uint64_t given_up[CONTROL_REASONS]; /* connections, by enum trace_given_up */
};

/* Of a flow: FIELD(NAME, member, the most bytes it can have). */
#define CONTROL_FIELDS(FIELD)                                                                      \
	FIELD(REFS, refs, 4)   /* descriptors that name it; 0: it has ended */                     \
	FIELD(MODE, mode, 1)   /* enum coalesce; what is above COALESCE_COUNT is a proof's */      \
	FIELD(STATE, state, 4) /* bits: see below */                                               \
	FIELD(HELD, held, 8)   /* above: writes that the kernel took held, in this place */        \
	FIELD(HELD_BEFORE, held_before, 4) /* and by those that were there before */               \
	FIELD(LATE, late, 2)		   /* its holds that came late */                          \
	FIELD(GIVEN_UP, given_up, 1)	   /* enum trace_given_up */                               \
	FIELD(BUFFER, buffer, 8)	   /* address of what it collects in; 0: nothing */        \
	FIELD(OURS, ours, 8)		   /* OPTION_BIT of what a rule has set */                 \
	FIELD(THEIRS, theirs, 8)	   /* and of what the program has */

enum control_field_name {
#define FIELD(name, member, size) CONTROL_##name,
	CONTROL_FIELDS(FIELD)
#undef FIELD
		CONTROL_FIELD_COUNT
};

struct control_field {
	uint16_t offset, size;
};

/* Rules for a process that runs. Who gives them writes the line, then number and hash, then
 * control.wanted_rules; the next call of the process that knows a socket takes them. So whoever is
 * killed in between has changed nothing, and of two who write at once neither may be taken, for the
 * hash does not fit a mixture. What the process starts by exec(3) has the line of its environment,
 * which stays as it was. */
struct control_given {
	_Atomic uint64_t number; /* another than before: who gives them chooses it; not 0 */
	uint64_t hash;		 /* control_hash() of the line */
	char line[16384 - 16];	 /* of rules/wire.h, no @FILE; ends in NUL */
};

/* What came of it: written from inside, number last. */
struct control_taken {
	_Atomic uint64_t number; /* of what was looked at last */
	_Atomic int32_t error;	 /* 0, or the errno by which it was refused: the old rules hold */
	uint32_t times;		 /* that rules were changed */
};

/* FNV-1a. */
static inline uint64_t control_hash(const char *line)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	while (*line)
		hash = (hash ^ (unsigned char)*line++) * UINT64_C(1099511628211);
	return hash;
}

/* ---- for `sockfix metrics` ---- */

/* Kinds of peers: of addresses there would be too many. */
enum control_peer {
	CONTROL_PEER_UNKNOWN,
	CONTROL_PEER_LOOPBACK,
	CONTROL_PEER_PRIVATE, /* RFC 1918, 3927, 4193, 6598 and link-local */
	CONTROL_PEER_PUBLIC,
	CONTROL_PEERS
};

/* Upper bounds of the turns' times, in ns, each with its own; what took longer has the last place.
 * A peer that delays its ACK does so for 38 to 44 ms. */
#define CONTROL_BOUNDS(BOUND)                                                                      \
	BOUND(50000)                                                                               \
	BOUND(100000)                                                                              \
	BOUND(250000)                                                                              \
	BOUND(500000)                                                                              \
	BOUND(1000000)                                                                             \
	BOUND(2500000)                                                                             \
	BOUND(5000000)                                                                             \
	BOUND(10000000)                                                                            \
	BOUND(25000000)                                                                            \
	BOUND(35000000)                                                                            \
	BOUND(50000000)                                                                            \
	BOUND(100000000)                                                                           \
	BOUND(250000000)                                                                           \
	BOUND(1000000000)                                                                          \
	BOUND(2500000000)                                                                          \
	BOUND(10000000000)
enum { CONTROL_BUCKETS = 16, CONTROL_ARMS = 64, CONTROL_RULE = 64 };

enum { CONTROL_ARM_NONE, CONTROL_ARM_BEGUN, CONTROL_ARM_THERE };

/* An arm of a rule with a holdout, towards peers of one kind. The first row is of all rules that
 * have found no room, mended, and the second the same bare: their state says nothing. */
struct control_arm {
	_Atomic uint32_t state;
	uint8_t bare, peer; /* enum control_peer */
	uint8_t spare[2];
	char rule[CONTROL_RULE]; /* ends in NUL, may be cut off */
	_Atomic uint64_t connections;
	_Atomic uint64_t ns;			      /* of all its turns */
	_Atomic uint64_t squares;		      /* of their seconds, added up: a double */
	_Atomic uint64_t bucket[CONTROL_BUCKETS + 1]; /* turns, each in one */
};

struct control_tally {
	_Atomic uint64_t refused; /* options that this host has refused */
	/* Of control_counts, and of all that was held, what is of the process that this one was
	 * forked from. What else is here is this one's alone. */
	uint64_t flows_before, late_before, late_ns_before, held_before;
	struct control_arm arm[CONTROL_ARMS];
};

struct control_map {
	/* Of this. What a later release adds stands at the end: who knows less of it, or more,
	 * takes what both know. */
	uint32_t size;
	/* Flows lie in chunks of 1 << flow_shift, chunk by chunk from the first on; a chunk that
	 * is not there has the address 0. A flow stays in its place, and in the end another one
	 * comes there. */
	uint32_t flow_size, flow_shift, flow_chunks;
	uint64_t flow_chunk; /* address of flow_chunks addresses */
	uint64_t flow_count; /* of a uint32_t: how many places there are */
	struct control_field field[CONTROL_FIELD_COUNT];
	/* Bits of its state. */
	uint32_t settled, server, listens;
	uint32_t news;		   /* new rules do not hold on it yet */
	uint32_t held_shift;	   /* of the count in `held` */
	uint32_t buffer_collected; /* where a buffer has a uint32_t, writes that it has collected */
	/* A slot of 8 bytes a descriptor: a flow's address, or less than any; those of the first
	 * 1 << slot_shift at slot_first, others as flows are. */
	uint32_t slot_shift, slot_chunks;
	uint64_t slot_first, slot_chunk;
	uint64_t counts;    /* of a struct control_counts */
	uint64_t rules;	    /* of the address of the line of rules/wire.h that is in force, or 0 */
	uint64_t directory; /* of the address of the name where it records to, or 0 */
	uint64_t proves;    /* of a uint32_t: not 0 while arms are compared, and rules stay */
	uint64_t given, taken; /* of a struct control_given, and a struct control_taken */
	/* Since 0.2.0. */
	uint64_t tally; /* of a struct control_tally, and how large that and a row of it are */
	uint32_t tally_size, arm_size;
	uint32_t address_size; /* bytes of an address in its memory: 4 or 8; it is 8 where this is
				  not */
	uint32_t spare;
};

/* What every release has. */
#define CONTROL_MAP_LEAST offsetof(struct control_map, tally)

#endif
