/* Trace files as the format says, read for tests: no more than sums and single connections. */
#ifndef TEST_TRACE_H
#define TEST_TRACE_H

#include <stddef.h>
#include <sys/types.h>

#include "shim/trace_format.h"

#define TRACES 512

struct trace {
	const char *bytes;
	size_t length;
	const struct trace_header *header;
};

/* A new directory of ours with a budget of so many bytes; the caller frees the name. */
char *traces_new(const char *parent, int64_t budget);
/* A pool in it, as `record` makes one as root (shim/trace_format.h). */
void traces_pool(const char *directory);
/* As root: programs of other users record there, too. */
void traces_let_guests_in(const char *directory);
/* From now on the TSC gives the times of its events. */
void traces_use_ticks(const char *directory);
/* All trace files in it, at most TRACES; each one's head is checked, and its mode. Returns how
 * many there are. */
size_t traces_read(const char *directory, struct trace traces[TRACES]);
void traces_free(struct trace *traces, size_t count);
/* Removes the directory and what is in it. */
void traces_remove(char *directory);

/* What of the budget is left, and how many processes were refused. */
struct trace_budget traces_budget(const char *directory);

/* Events of that call; by what threads have counted; those lost. flow 0: of all. */
size_t trace_events(const struct trace *trace, enum trace_call call, uint32_t flow);
/* The first of them, at most `room`, in the order of the file. Returns how many. */
size_t trace_events_take(const struct trace *trace, enum trace_call call,
	const struct trace_event **events, size_t room);
/* All of them; of one thread, that is the order in which they ended. */
size_t trace_events_in_order(
	const struct trace *trace, const struct trace_event **events, size_t room);
uint64_t trace_counts(const struct trace *trace, enum trace_call call);
uint64_t trace_lost(const struct trace *trace);
size_t trace_threads(const struct trace *trace);

/* NULL: there is none of that number. */
const struct trace_connection *trace_connection(const struct trace *trace, uint32_t number);

/* The one of that process, NULL: none. */
const struct trace *trace_of(const struct trace *traces, size_t count, pid_t pid);

#endif
