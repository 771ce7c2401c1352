/* What tail.c, which finds the files, and tail_block.c, which reads their blocks on, share. */
#ifndef SOCKFIX_READ_TAIL_PARTS_H
#define SOCKFIX_READ_TAIL_PARTS_H

#include <stddef.h>

#include "shim/trace_format.h"
#include "tools/read/stall.h"
#include "tools/read/tail.h"

enum {
	TAIL_FILES = 16384, /* places, a power of two: three quarters are used */
	TAIL_OPEN = 8192,
	TAIL_BLOCKS = 4096, /* new ones that a look reads: 16 MB, some ms */
};

/* A block that may still get something. */
struct tail_block {
	uint32_t number, tid;
	enum trace_kind kind; /* BLOCK_UNUSED: handed out, and nothing in it yet */
	uint32_t taken;	      /* events or connections of it */
	uint64_t calls;	      /* a thread's, so far */
	struct stall stall;   /* of events: the thread's, which goes on in its next block */
	bool over;	      /* nothing comes any more */
	struct tail_block *next;
};

struct tail_file {
	uint64_t id; /* the random number of its name; 0: the place is free */
	char name[40];
	bool over; /* it was read to its end, or is none */
	uint32_t next;
	uint64_t lost_connections;
	struct tail_block *open;
};

struct tail {
	int folder;
	int64_t changed;	  /* the folder's own time when its names were read, ns */
	int pool;		  /* open while a look goes on, or below 0 */
	struct trace_pool pieces; /* its head, then */
	struct tail_file file[TAIL_FILES];
	uint32_t followed[TAIL_FILES]; /* files that are not over */
	size_t files, follow;
	struct tail_block block[TAIL_OPEN], *spare;
	size_t blocks; /* used before */
	size_t left;   /* blocks of this look */
	struct tail_sums sums;
};

/* The block of a file, wherever it lies; fd: the file's, or below 0. Returns the bytes that are
 * there. */
size_t tail_read(struct tail *tail, const struct tail_file *file, int fd, uint32_t number,
	unsigned char bytes[TRACE_BLOCK]);

/* Reads on in the blocks that are known, then in those that came, up to `end`. */
void tail_go_on(struct tail *tail, struct tail_file *file, int fd, uint32_t end);
/* Lets go all that is open of it. */
void tail_drop(struct tail *tail, struct tail_file *file);

#endif
