/* Calls that come before the process's file. All of it is async-signal-safe. */
#ifndef SOCKFIX_TRACE_EARLY_H
#define SOCKFIX_TRACE_EARLY_H

#include "shim/record/event.h"

struct flow;

/* In place of the number of a connection that has none yet: has the bit TRACE_EARLY. */
uint32_t trace_early(const struct flow *flow);

/* Keeps calls that make a socket or ask for a name, and forgets all others. */
void trace_early_keep(const struct trace_note *note);

/* Once the first connection has its number: puts in the file what came before. */
void trace_early_flush(void);

/* What was made for the thread before it came: its counts, or NULL, and the rest of its block as a
 * cursor, which only the first to come gets (a handler within, a later thread of that number). */
struct trace_thread *trace_early_take(uint32_t tid, uint64_t *cursor);

#endif
