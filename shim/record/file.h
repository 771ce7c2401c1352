/* The file of this process: made, mapped, grown, handed out in blocks. All by raw system calls, no
 * descriptor kept, errno kept, lock-free; a failure ends the growth and nothing else. */
#ifndef SOCKFIX_TRACE_FILE_H
#define SOCKFIX_TRACE_FILE_H

#include <stdbool.h>

#include "shim/trace_format.h"

/* Blocks of the first piece of the file; each further one doubles it. A child that makes a
 * connection and ends fills one of each kind, and a thousand such are to fit into 16 MB. */
#define TRACE_FIRST    4u
#define TRACE_SEGMENTS 24u

enum trace_state { TRACE_NONE, TRACE_MAKING, TRACE_READY, TRACE_REFUSED };

/* What is true of this process alone. It lies in a page that a fork, of whatever kind, leaves
 * behind as zeros (MADV_WIPEONFORK, madvise(2)), so that a child begins anew. */
struct trace_self {
	_Atomic uint32_t id;	  /* of this process among its ancestors; 0: not yet given */
	_Atomic uint32_t state;	  /* enum trace_state */
	_Atomic uint32_t busy;	  /* thread id of who makes or grows the file */
	_Atomic uint32_t numbers; /* connections so far */
	_Atomic uint32_t stuck;	  /* the file cannot grow any more */
	_Atomic uint64_t places;  /* for connections: block << 8 | places taken in it */
	struct trace_header *header;
	char *origin[TRACE_SEGMENTS]; /* where block 0 would lie, for the blocks of that segment */
	bool pooled;		      /* it is in the run's pool altogether */
	uint64_t device, inode;
	char name[48];
};

extern struct trace_self *trace_self;

/* directory: absolute, stays valid. Maps its budget and counts the process. False: nothing can be
 * recorded there. */
bool trace_file_start(const char *directory);

/* Of this process, in trace_self; given at the first question. */
uint32_t trace_file_id(void);

/* Forgets the parent's file where the kernel has not wiped the page. */
void trace_file_forked(void);

/* Makes the file unless it is there. fill() is called once, with a header that has all that this
 * module knows. False: there is none, and will be none. */
bool trace_file_make(void (*fill)(struct trace_header *header));

static inline bool trace_file_ready(void)
{
	return atomic_load_explicit(&trace_self->state, memory_order_acquire) == TRACE_READY;
}

/* A block of that kind, ready for use, its number; 0: there is no room. */
uint64_t trace_block_take(enum trace_kind kind, uint32_t tid, uint64_t order);

/* The counts of one thread, begun now; where there is no room, some that nobody reads. */
struct trace_thread *trace_counts_take(uint32_t tid);

/* Of blocks beyond the first piece. */
static inline unsigned trace_segment_of(uint64_t number)
{
	return 62 - (unsigned)__builtin_clzll(number);
}

static inline struct trace_block *trace_block_at(uint64_t number)
{
	unsigned segment = number < TRACE_FIRST ? 0 : trace_segment_of(number);

	return (struct trace_block *)(trace_self->origin[segment] + number * TRACE_BLOCK);
}

#endif
