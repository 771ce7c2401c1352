/* Two recordings of the same connections, one made at each end: which connection of one is which of
 * the other, how the hosts' clocks stand to each other, and where each turn's time went. Pure: two
 * runs go in, memory comes out; no file, no clock, no printing. */
#ifndef SOCKFIX_BOTH_H
#define SOCKFIX_BOTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/find/find.h"
#include "tools/find/verdict.h"

enum both_side { BOTH_CLIENT, BOTH_SERVER, BOTH_SIDES };

/* Where a turn's time went; the parts of a turn add up to it. */
enum both_part {
	BOTH_IN_CLIENT,	  /* it worked, or was not there when bytes came */
	BOTH_ON_WAY,	  /* what the way there and back takes at best */
	BOTH_IN_SERVER,	  /* as the client */
	BOTH_HELD_CLIENT, /* the client's kernel held the request's last bytes, as long as it would
			   * have if their ACK had come at once; or its own cork held them */
	BOTH_ACK_SERVER,  /* and longer, for the server's kernel withheld that ACK */
	BOTH_HELD_SERVER, /* the same for the answer's last bytes */
	BOTH_ACK_CLIENT,
	BOTH_SLOW,	/* on the way beyond its best: queues, losses, a full window, many bytes */
	BOTH_NOT_SPLIT, /* turns of which one end does not tell enough */
	BOTH_PARTS
};

/* Of many turns. From a turn's end to the next one's begin the client works: that is the next
 * one's. */
struct both_sum {
	uint64_t turns, not_split; /* turns; and of them those that could not be split */
	uint64_t took;		   /* ns: all parts together */
	uint64_t part[BOTH_PARTS];
};

/* Turns in which something was held: who held it, and whose program made it so. */
enum both_hold { HOLD_NOTHING, HOLD_NAGLE, HOLD_CORK, HOLD_MORE, HOLDS };

struct both_held {
	uint64_t turns, of; /* of: turns of two writes and more in that direction */
	uint64_t proven;    /* turns */
	uint64_t lost;	    /* ns: held and withheld */
	uint64_t withheld;  /* ns, of it: the ACK */
};

/* All connections to one address and port of a server, as its clients call it. */
struct both_service {
	const struct trace_connection *first; /* the client's, of one of them: its peer */
	size_t pairs;
	struct both_sum sum;
	struct both_held held[BOTH_SIDES][HOLDS]; /* side: who held */
};

/* A connection as one process has it. */
struct both_member {
	const struct run_process *process;
	const struct trace_connection *connection;
};

/* Why a connection that is in both was not split. */
enum both_why {
	BOTH_SPLIT,
	BOTH_UNSEEN,  /* bytes went past the recording at one end */
	BOTH_ENDLESS, /* the recording of one end ends before the first turn does */
	BOTH_ONE_WAY, /* no answer ever came */
	BOTH_WHYS
};

struct both_pair {
	/* Of each side; several where processes share it (fork). */
	struct both_member *member[BOTH_SIDES];
	size_t members[BOTH_SIDES];
	uint32_t service;
	enum both_why why;
	struct both_sum sum;
};

/* What one end has to do about it. */
struct both_finding {
	const struct code *code;
	enum both_side end;
	uint32_t service;
	enum sure sure;
	enum fix fix;
	uint64_t lost; /* ns */
	uint64_t hits, of;
	bool again; /* these seconds are another finding's, too: the same wait, seen from here */
	bool minor;
	char what[160];
	char set[64]; /* what a rule sets at that end; "": none mends it */
};

/* The server's wall clock against the client's, where it can be told. */
struct both_clocks {
	bool known, steady; /* steady: it never jumped */
	int64_t ahead;	    /* ns: the server's, behind where negative */
	uint64_t give;	    /* ns: it may be so much more or less */
};

struct both {
	const struct run *run[BOTH_SIDES];
	bool swapped; /* the client's is the second of those that were given */
	struct both_pair *pair;
	size_t pairs;
	size_t known[BOTH_SIDES]; /* connections of each side that may have been a pair's */
	size_t unsure;		  /* that have several counterparts, nobody knows which */
	size_t other_way;	  /* pairs of which the second side was the client */
	bool translated; /* addresses differ: bytes and times alone say that they are the same */
	const struct trace_connection *lone[BOTH_SIDES]; /* one that is in no pair; NULL: none */
	struct both_service *service;
	size_t services;
	struct both_sum sum;
	struct both_finding *finding; /* most seconds first */
	size_t findings;
	struct both_clocks clocks;
	enum verdict_word word; /* STALLED, NOT_SOCKETS or NOT_SURE */
	uint64_t lost;		/* ns: held and withheld, at both ends */
	/* what pairs point into */
	struct both_list *list[2][BOTH_SIDES];
};

/* Never fails but for memory. The runs must outlive it, and may be one. */
struct both *both_take(const struct run *first, const struct run *second);
void both_free(struct both *both);

/* Of several: adds them up. */
void both_add(struct both_sum *sum, const struct both_sum *other);

#endif
