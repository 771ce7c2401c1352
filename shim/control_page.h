/* The switch as it lies in memory: what the library reads before every call, and what the command
 * reads and writes from outside. It is found by an ELF note of the library that is in memory, too,
 * and so also where the file has been deleted or replaced. */
#ifndef SOCKFIX_CONTROL_PAGE_H
#define SOCKFIX_CONTROL_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

#define CONTROL_MAGIC "sockfix"	 /* the note's name, and what the page says of itself */
#define CONTROL_NOTE  0x53464958 /* the note's type */

/* Of the note and of what follows: another one is let be. */
#define CONTROL_VERSION 1

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
	 * though options still apply; `sockfix off`, the one thing here that is written from
	 * outside, and never from inside. */
	_Atomic uint16_t records;
	_Atomic uint8_t bars, wanted_off;
	char magic[8];
	uint32_t version, size;
	_Atomic uint32_t state; /* resigned is for good */
	uint32_t spare;
	char release[24]; /* ends in NUL */
};

_Static_assert(sizeof(struct control) == 56, "a new layout is a new version");

#endif
