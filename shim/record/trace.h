/* Recording: appending events and counting calls. The only hot part of it.
 *
 * A thread writes into blocks of its own; a place in one is taken by one step of the thread's own
 * cursor, so that a signal handler in between takes the next. All functions keep errno and are
 * async-signal-safe. Nothing here influences what the program does. */
#ifndef SOCKFIX_TRACE_H
#define SOCKFIX_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "shim/export.h"
#include "shim/base/clock.h"
#include "shim/record/clock.h"
#include "shim/record/event.h"

/* Whether calls are recorded at all in this process; names: also those that were asked for. */
extern _Atomic bool trace_on HIDDEN;
extern bool trace_names;

/* setting: the value of SOCKFIX_TRACE; rules: of SOCKFIX_RULES or NULL; active: whether they are
 * in force. The texts must stay valid. False: nothing is recorded. */
bool trace_start(const char *setting, const char *rules, bool active);

/* In the child of a fork. */
void trace_forked(void);

/* Nothing is recorded any more, for good. */
void trace_stop(void);

/* Makes the process's file unless it is there. False: there is none. */
bool trace_begin(void);

/* Counts the call alone: all that `counters` leaves of it. False: there is no file. */
bool trace_count(unsigned call, bool failed);

/* Counts the call, and appends its event. Before there is a file, calls that make a socket or ask
 * for a name are kept, all others forgotten. */
void trace_add(const struct trace_note *note);

/* A call begins that may wait, and may never come back: of its event that much is
 * known. Told of each of them once the thread has had an event; forgotten before. */
void trace_waits(unsigned call, uint32_t flow, int set, uint64_t start);

/* The same in all processes of a run, and in no other run. */
uint32_t trace_name_hash(const void *name, size_t length);

/* What follows the event of a wait: the flows that it covered. */
void trace_add_covers(const uint32_t *flow, unsigned count);

/* The thread's last read of a regular file; kept until its next event. */
void trace_keep_file(const struct trace_note *note);

/* The process is about to leave, or has stayed after all. */
void trace_mark_end(enum trace_end end);

#endif
