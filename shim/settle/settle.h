/* Settling: asking the rules once a flow, and doing what they say of its options.
 *
 * Knows rules, options and shadows; does not know turns. All functions keep errno and are
 * async-signal-safe once decisions_start() has run. */
#ifndef SOCKFIX_SETTLE_H
#define SOCKFIX_SETTLE_H

#include <stdbool.h>
#include <sys/socket.h>

#include "shim/table/fdtab.h"
#include "rules/option.h"
#include "shim/trace_format.h"

/* Before the real connect(), so that buffer sizes reach the handshake. address is the program's own
 * and may be anything: it is looked at only where it can be read. */
void settle_client(struct flow *flow, int fd, const struct sockaddr *address, socklen_t length);

/* The same for sendmsg() with MSG_FASTOPEN, whose message names the peer. */
void settle_client_message(struct flow *flow, int fd, const struct msghdr *message);

/* Before the real bind(): the options that only count there. A port of 0 is taken for a client. */
void settle_bind(struct flow *flow, int fd, const struct sockaddr *address, socklen_t length);

/* Before the real listen(). Returns the backlog to listen with. */
int settle_listener(struct flow *flow, int fd, int backlog);

/* After accept(): what the listener has not handed down, and what it should not have. */
void settle_accepted(struct flow *flow, int fd, const struct flow *listener);

/* A socket that we did not see being made: finds out what it is. */
void settle_inherited(struct flow *flow, int fd);

/* Before the program's own setsockopt(): remembers the size of a buffer that a rule may undo. */
void settle_program_sets(struct flow *flow, int fd, int level, int name);

/* After the program's own setsockopt() has succeeded. */
void settle_program_set(struct flow *flow, int fd, int level, int name);

/* After the program's own getsockopt() has succeeded: puts the answer that it would have got
 * without us into value; *length: what the kernel wrote. */
void settle_program_get(
	const struct flow *flow, int level, int name, void *value, socklen_t *length);

/* Makes the flow's buffer ready; false without memory. */
bool flow_buffer_begin(struct flow *flow, int fd, uint32_t limit);

/* Sets option id to what a rule says. Returns 0 or -errno. */
int settle_put(const struct flow *flow, int fd, int id, const struct value *value);

/* The program manages its sending itself: writes of this flow go out as they come, for good, and by
 * the program's own TCP_NODELAY. */
void settle_resign(struct flow *flow, int fd, enum trace_given_up why);

/* The same for one that collects, from which all has gone. life: the flow's, when that was decided.
 */
void settle_resign_buffer(struct flow *flow, int fd, enum trace_given_up why, uint16_t life);

/* ---- TCP_NODELAY, which auto, always and buffer need (settle/nodelay.c) ---- */

/* Sets it, unless a rule or the program has set it. */
void settle_nodelay_take(struct flow *flow, int fd);

/* How often a process of this family, the one that began and the children of its forks, has turned
 * it off on a socket that the others may have, too: who finds another number than at the last time
 * sets it anew. In memory that they share; of this process alone where there is none. */
extern _Atomic uint32_t *settle_given_back;

/* Maps that; before the first fork. */
void settle_nodelay_start(void);

/* Before a write: whether settle_nodelay_due() is to be called. */
static inline bool settle_nodelay_is_due(const struct flow *flow)
{
	return flow_is(flow, FLOW_DUE) ||
	       atomic_load_explicit(&flow->nodelay_seen, memory_order_relaxed) !=
		       atomic_load_explicit(settle_given_back, memory_order_relaxed);
}

/* Sets it where it was left open until a write comes (FLOW_DUE), for others would see it on a
 * connection that the program never writes to; and where the family may have turned it off. */
void settle_nodelay_due(struct flow *flow, int fd);

/* The program has set it, to `on`. Setting it to 0 states the default, and changes nothing for us;
 * only who changes it back and forth means to push by it. */
void settle_nodelay_program(struct flow *flow, int fd, int on);

/* Another process may go on with the connection, or we with less to say: it is as the program has
 * it, until the next write. */
void settle_nodelay_give_back(struct flow *flow, int fd);

/* This process closes it: what it has taken of others' it gives back, and tells its family. */
void settle_nodelay_closes(struct flow *flow, int fd);

/* The process ends: on connections that others made, it is as they had it. */
void settle_nodelay_leave(void);

/* In the child of a fork: those are its parent's. */
void settle_nodelay_forked(void);

/* Nothing of ours can be done any more: it is the program's own everywhere. */
void settle_nodelay_end(void);

/* A program is about to be started beside this one, by a child on our memory in which no hook of
 * ours does anything: on what it may inherit it is as the program has it, until our next write.
 * moves: the child may give descriptors other numbers before. */
void settle_nodelay_spawns(bool moves);

/* Around exec(): what the next program inherits has it as this one had it. */
void settle_nodelay_exec(void);
void settle_nodelay_exec_failed(void);

#endif
