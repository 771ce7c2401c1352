/* Calls by their name: how many, how long, how many failed, the bytes they moved. */
#ifndef SOCKFIX_CALLED_H
#define SOCKFIX_CALLED_H

#include "tools/fold/fold.h"

/* All calls of one name. Of calls that were only counted (the recording had no room for them) the
 * time and the bytes are not known. */
struct called_row {
	uint8_t call;	/* enum trace_call */
	bool file;	/* reads of regular files: those whose bytes were written to a flow next */
	uint64_t calls; /* also those that were only counted */
	uint64_t timed; /* those that were not: what ns and bytes are of */
	uint64_t failed;
	uint64_t ns;	/* inside the call, added up over all threads */
	uint64_t bytes; /* of reads and writes */
	uint64_t moves; /* calls that moved any */
};

/* The longest time first. */
struct called {
	struct called_row *row;
	size_t rows;
};

/* The parts of `all`: what is in it is in one of them, and adds up. */
struct called_parts {
	struct called *flow;  /* by index in fold->flow; what was timed on it */
	struct called none;   /* timed, on no connection or on several: waits, look-ups, sleeps */
	struct called untold; /* only counted: on which connection is not known */
};

/* Sums up the calls of all threads of the run; to be freed. */
void called_take(const struct run *run, struct called *all);
void called_free(struct called *called);

/* Of each connection, likewise. */
void called_part(const struct fold *fold, struct called_parts *parts);
void called_parts_free(const struct fold *fold, struct called_parts *parts);

/* The sums of the rows, as a row of no name. */
struct called_row called_total(const struct called *called);

/* What the connection's own counters have beyond the calls that were timed on it: reads or writes
 * that moved bytes, and these bytes. */
struct beyond_timed {
	uint64_t calls, bytes;
};
struct beyond_timed calls_beyond(
	const struct trace_connection *connection, const struct called *called, bool writes);

/* Whether such calls move bytes at all. */
bool call_moves_bytes(unsigned call);

#endif
