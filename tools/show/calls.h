/* Calls by their seconds, as `strace -w -c` prints them: tables, and where what is known ends. */
#ifndef SOCKFIX_CALLS_H
#define SOCKFIX_CALLS_H

#include "tools/show/report.h"
#include "tools/fold/called.h"

/* What the connection's own counters have beyond the calls that were timed on it: reads or writes
 * that moved bytes, and these bytes. */
struct beyond_timed {
	uint64_t calls, bytes;
};
struct beyond_timed calls_beyond(
	const struct trace_connection *connection, const struct called *called, bool writes);

#endif
