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

/* How long a hold may last, in ns: the shortest that any flow asked for; 0: none did. */
uint64_t settle_delay(void);

/* Sets option id to what a rule says. Returns 0 or -errno. */
int settle_put(const struct flow *flow, int fd, int id, const struct value *value);

/* settle/renew.c's own: asks the rules; what they say of writes; and does that. */
void settle_decide(struct flow *flow, int fd, bool peer_known);
enum coalesce settle_mode(const struct flow *flow);
void settle_choose_mode(struct flow *flow, int fd);

/* The program manages its sending itself: writes of this flow go out as they come, for good, and by
 * the program's own TCP_NODELAY. */
void settle_resign(struct flow *flow, int fd, enum trace_given_up why);

/* The same for one that collects, from which all has gone. life: the flow's, when that was decided.
 */
void settle_resign_buffer(struct flow *flow, int fd, enum trace_given_up why, uint16_t life);

/* Sets it where it was left open until a write comes (FLOW_DUE), for others would see it on a
 * connection that the program never writes to; and where the family may have turned it off. */
void settle_nodelay_due(struct flow *flow, int fd);

/* The program has set it, to `on`. Setting it to 0 states the default, and changes nothing for us;
 * only who changes it back and forth means to push by it. */
void settle_nodelay_program(struct flow *flow, int fd, int on);

#endif
