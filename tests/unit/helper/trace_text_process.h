/* What a text of trace_text.h has said so far: its run, and of each process the header, the
 * connections and the threads with their events, as the library keeps them. */
#ifndef TEST_TRACE_TEXT_PROCESS_H
#define TEST_TRACE_TEXT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/read/run.h"

#define TRACE_TEXT_MOST 64			      /* connections, threads, processes */
#define TRACE_TEXT_WALL UINT64_C(1760000000000000000) /* ns: the wall clock at the other's 0 */

struct trace_text_thread {
	uint32_t tid;
	uint64_t clock;
	struct trace_thread counts;
	struct trace_event *event;
	size_t events;
};

struct trace_text_process {
	struct trace_header header;
	struct trace_connection connection[TRACE_TEXT_MOST];
	bool unasked[TRACE_TEXT_MOST];
	size_t connections;
	struct trace_text_thread thread[TRACE_TEXT_MOST];
	size_t threads;
};

/* now, thread, flow: whom the next events belong to. */
struct trace_text {
	struct run *run;
	struct trace_text_process *process[TRACE_TEXT_MOST];
	size_t processes;
	struct trace_text_process *now;
	struct trace_text_thread *thread;
	uint32_t flow;
	uint64_t wall;
	uint32_t dice; /* for sizes in a range */
};

/* The process of a line behind its first word; trace_text_process_free() frees it. */
void trace_text_process_begin(struct trace_text *text, const char *at);
/* From here on events are that thread's; where it is new, it begins at `clock`. */
void trace_text_thread_begin(struct trace_text *text, uint32_t tid, uint64_t clock);
void trace_text_process_free(struct trace_text_process *process);

#endif
