/* A trace for Perfetto while it is written: Chrome's Trace Event Format, JSON object form
 * ("Trace Event Format", Duncan Sinclair and others, 2016; ui.perfetto.dev reads it). Every slice
 * is a complete event (ph X, ts and dur in us with three decimals). Each track, a pid and a tid, is
 * written in the order of ts, and its slices lie within each other or apart. The file is written as
 * it comes: memory is bounded by the slices that are kept, not by the recording. */
#ifndef SOCKFIX_PERFETTO_H
#define SOCKFIX_PERFETTO_H

#include "tools/show/report.h"

/* Slices that a trace has unless it is said otherwise: what the page opens in some seconds. */
#define PERFETTO_SLICES 500000

/* Numbers of tracks that are no thread's: above any pid (PID_MAX_LIMIT is 2^22). */
#define TRACK_FINDINGS	 (1u << 22)
#define TRACK_AGAIN	 (1u << 23) /* and the place of one whose number was taken already */
#define TRACK_CONNECTION (1u << 24) /* and the number of the connection */

enum { BUCKETS = 65, DEPTH = 16 };

struct track {
	uint32_t pid, tid;
	const char *name; /* of the thread's place on the page; NULL: it was written */
	uint64_t end[DEPTH];
	unsigned open; /* slices that others may be within */
	uint64_t latest;
};

struct trace {
	FILE *out;
	const struct report *report;
	bool counts;		  /* nothing is written yet: slices are counted by their length */
	bool follows;		  /* an event stands before */
	uint64_t length[BUCKETS]; /* slices of 2^(n-1) to 2^n - 1 ns */
	uint64_t limit;
	unsigned shortest;   /* bucket of the shortest that are kept ... */
	uint64_t every, nth; /* ... one of so many of these */
	uint64_t all, kept;  /* slices */
};

struct slice_text {
	const char *name, *category;
	const char *key, *value; /* an argument; key NULL: none */
	uint32_t bytes;		 /* and another; 0: none */
};

/* Whether such a slice is kept; each is asked about once in both passes. */
bool trace_takes(struct trace *trace, uint64_t ns);
/* A slice that is kept, on the clock of the run. */
void trace_slice(struct trace *trace, struct track *track, uint64_t begin, uint64_t end,
	const struct slice_text *text);
/* All slices of threads and connections, in either pass. */
void trace_threads(struct trace *trace);
void trace_connections(struct trace *trace);

/* "name": JSON, escaped. */
void trace_string(FILE *out, const char *text);
/* Comma and line before the next event. */
void trace_next(struct trace *trace);
/* Metadata: the name of a process, or of a track of it. */
void trace_name(
	struct trace *trace, const char *what, uint32_t pid, uint32_t tid, const char *name);
/* The pid and tid that these have in the trace. */
uint32_t trace_pid(const struct run *run, const struct run_process *process);
uint32_t trace_tid(const struct run_process *process, const struct run_thread *thread);
/* us, "1234.567" */
void trace_us(FILE *out, uint64_t ns);

#endif
