/* Connections in the trace: a place for each, what the kernel says of it at its two ends.
 *
 * The small functions are nothing where nothing is recorded. All keep errno. */
#ifndef SOCKFIX_TRACE_CONNECTION_H
#define SOCKFIX_TRACE_CONNECTION_H

#include "shim/table/fdtab.h"
#include "shim/pure/acks.h"
#include "shim/record/trace.h"
#include "shim/record/flow.h"

/* The flow's place; made, and the file with it, where there is none. NULL: there is no file. */
struct trace_connection *trace_enter_slow(struct flow *flow, int fd);

static inline struct trace_connection *trace_enter(struct flow *flow, int fd)
{
	uint32_t id = atomic_load_explicit(&trace_of(flow)->id, memory_order_acquire);

	/* In a new child both are 0, and the flow has no place. */
	if (__builtin_expect(
		    id && id == atomic_load_explicit(&trace_self->id, memory_order_relaxed), 1))
		return trace_of(flow)->connection;
	return trace_enter_slow(flow, fd);
}

/* Whether it has a place in the file of this process. */
static inline bool trace_has_place(const struct flow *flow)
{
	uint32_t id = atomic_load(&trace_of(flow)->id);

	/* In a new child both are 0. */
	return id && id == atomic_load(&trace_self->id);
}

/* Its number, for calls that do not make a file: TRACE_EARLY before there is one. */
uint32_t trace_number(struct flow *flow, int fd);

/* After connect(), whatever its result; start: when it began. */
void trace_connected(struct flow *flow, int fd, uint64_t start, int error);

/* After listen(). */
void trace_listens(struct flow *flow, int fd);

/* After accept() on the listener, whose descriptor is fd: its queue is looked at now and then.
 * False: there is no file. */
bool trace_accepts(struct flow *listener, int fd);

/* While connect() is under way: whether a call shows that it is over. moved: bytes were. error: of
 * SO_ERROR, -1 where it was not asked. */
void trace_may_be_connected(struct flow *flow, int fd, bool moved, int error);

/* An event of what the kernel just said. */
void trace_probe(const struct flow *flow, const struct trace_tcp *tcp);

/* The process leaves, or loses its right to ask: the last look at all that is open. */
void trace_end(enum trace_end end);

/* ---- what flows tell ---- */

void trace_flow_closing(struct flow *flow, int fd);
void trace_flow_closed(struct flow *flow);
void trace_flow_stdio(struct flow *flow);
void trace_flow_given_up(struct flow *flow, enum trace_given_up why);
void trace_flow_acks(struct flow *flow, enum acks_news news);
void trace_flow_acks_won(struct flow *flow);
void trace_flow_nagle(struct flow *flow, bool kept);
void trace_flow_held(struct flow *flow);
void trace_flow_late(struct flow *flow, uint64_t waited);
void trace_flow_slow(struct flow *flow, uint64_t waited);

static inline bool trace_is_on(void)
{
	return __builtin_expect(atomic_load_explicit(&trace_on, memory_order_relaxed), 0);
}

/* Before the descriptor is closed. */
static inline void trace_closing_flow(struct flow *flow, int fd)
{
	if (trace_is_on())
		trace_flow_closing(flow, fd);
}
/* Its last descriptor is gone. */
static inline void trace_closed(struct flow *flow)
{
	if (trace_is_on())
		trace_flow_closed(flow);
}
static inline void trace_stdio(struct flow *flow)
{
	if (trace_is_on())
		trace_flow_stdio(flow);
}
static inline void trace_listening(struct flow *flow, int backlog, int passed_on)
{
	if (!trace_is_on())
		return;
	trace_of(flow)->backlog = (uint32_t)backlog;
	trace_of(flow)->passed_on = (uint32_t)passed_on;
}
static inline void trace_given_up(struct flow *flow, enum trace_given_up why)
{
	if (trace_is_on())
		trace_flow_given_up(flow, why);
}
static inline void trace_held(struct flow *flow)
{
	if (trace_is_on())
		trace_flow_held(flow);
}
/* A hold was late, by so many ns. */
static inline void trace_late(struct flow *flow, uint64_t waited)
{
	if (trace_is_on())
		trace_flow_late(flow, waited);
}
/* A hold waited so many ns for the write that was to come next. */
static inline void trace_slow(struct flow *flow, uint64_t waited)
{
	if (trace_is_on())
		trace_flow_slow(flow, waited);
}
static inline void trace_acks(struct flow *flow, enum acks_news news)
{
	if (trace_is_on())
		trace_flow_acks(flow, news);
}
/* Nagle was given back and kept; or somebody waited for that. */
static inline void trace_nagle(struct flow *flow, bool kept)
{
	if (trace_is_on())
		trace_flow_nagle(flow, kept);
}
/* An answer in parts came at once, by an ACK of ours that was sent at once. */
static inline void trace_acks_won(struct flow *flow)
{
	if (trace_is_on())
		trace_flow_acks_won(flow);
}

#endif
