/* Settles flows: who is it, what do the rules say, set that.
 *
 * The only file that shows a flow to the rules. Must not touch the turn logic: it leaves a mode and
 * a learner in the flow, and that is all flow.c gets to see of a rule. */
#include "shim/settle/settle.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "shim/base/address.h"
#include "shim/settle/proof.h"
#include "shim/base/control.h"
#include "shim/settle/collect.h"
#include "shim/settle/nodelay.h"
#include "shim/settle/decisions.h"
#include "shim/base/fault.h"
#include "shim/table/learners.h"
#include "shim/base/log.h"
#include "shim/base/memory.h"
#include "shim/real.h"
#include "shim/settle/apply.h"
#include "shim/settle/arms.h"
#include "shim/settle/shadow.h"
#include "shim/settle/sockopt.h"
#include "shim/record/connection.h"

#ifndef TCP_ULP
#define TCP_ULP 31
#endif

/* How long `always` and `buffer` hold at most where no rule says, in us. */
#define HOLD_MOST 2500

/* Bytes that `buffer` collects where no rule says: more hardly saves calls any more. */
#define BUFFER_LIMIT 16384

static int64_t number_of(const struct decision *decision, int id, int64_t otherwise)
{
	return has(decision->set, id) ? decision->value[id].number : otherwise;
}

/* "keep": a rule has spoken, and left nothing set. */
static bool rule_keeps(const struct decision *decision, int id)
{
	return !has(decision->set, id) && decision->rule[id] != NO_RULE;
}

/* Neither the program nor a rule has said what that option is to be. */
static bool has_no_say(const struct flow *flow, const struct decision *decision, int id)
{
	return !has(flow->theirs, id) && !has(decision->set, id) && decision->rule[id] == NO_RULE &&
	       flow->learner != &learner_nobodys;
}

/* Only where the rule takes the loss on itself; never on a listener. */
static bool collects(struct flow *flow, int fd)
{
	const struct decision *decision = decision_at(flow->decision);

	return number_of(decision, OPTION_ACCEPT_LOSS, 0) && !flow_is(flow, FLOW_LISTENS) &&
	       collect_begin(flow, fd,
		       (uint32_t)number_of(decision, OPTION_COALESCE_LIMIT, BUFFER_LIMIT));
}

static void resign_for(struct flow *flow, int fd, enum trace_given_up why)
{
	if (why)
		settle_resign(flow, fd, why);
}

static _Atomic uint64_t delay;

static void ask_for_delay(uint64_t nanoseconds)
{
	const uint64_t before = atomic_load(&delay);

	if (before == 0 || nanoseconds < before)
		atomic_store(&delay, nanoseconds);
}

uint64_t settle_delay(void)
{
	return atomic_load(&delay);
}

/* Holding wants TCP_NODELAY: none where a rule turns that off, or keeps it as it is. */
enum coalesce settle_mode(const struct flow *flow)
{
	const struct decision *decision = decision_at(flow->decision);

	if (!decision || number_of(decision, OPTION_TCP_CORK, 0) ||
		number_of(decision, OPTION_TCP_NODELAY,
			!rule_keeps(decision, OPTION_TCP_NODELAY)) == 0)
		return COALESCE_OFF;
	return (enum coalesce)number_of(decision, OPTION_COALESCE, COALESCE_OFF);
}

void settle_choose_mode(struct flow *flow, int fd)
{
	static const uint8_t anybody[16];
	const struct decision *decision = decision_at(flow->decision);
	const enum coalesce mode = settle_mode(flow);
	bool server = flow_is(flow, FLOW_SERVER);

	if (!decision) /* newer rules have left it to itself meanwhile */
		return;
	if (number_of(decision, OPTION_TCP_QUICKACK, 0))
		flow_mark(flow, FLOW_QUICKACK);
	if (mode == COALESCE_OFF || flow_is(flow, FLOW_RESIGNED))
		return;
	if (mode == COALESCE_ALWAYS || mode == COALESCE_BUFFER)
		ask_for_delay(
			(uint64_t)number_of(decision, OPTION_COALESCE_DELAY, HOLD_MOST) * 1000);
	flow->turn.same_writes = 0;
	flow->learner = learner_of(server, server ? anybody : flow->peer, flow->port);
	/* Others have it, too: they must not see what was set for writes that never came. */
	if (flow_is(flow, FLOW_ADOPTED))
		flow_mark(flow, FLOW_DUE);
	else
		resign_for(flow, fd, nodelay_take(flow, fd));
	if (mode == COALESCE_BUFFER && !collects(flow, fd))
		return;
	if (has(decision->force, OPTION_COALESCE))
		flow_mark(flow, FLOW_FORCED);
	if (mode == COALESCE_AUTO && has_no_say(flow, decision, OPTION_TCP_QUICKACK))
		flow_mark(flow, FLOW_ACKS);
	if (!flow_is(flow, FLOW_RESIGNED))
		atomic_store(&flow->mode, mode);
}

void settle_decide(struct flow *flow, int fd, bool peer_known)
{
	struct subject subject = decisions_subject(flow_is(flow, FLOW_SERVER));

	flow_unmark(flow, FLOW_NEWS); /* before: of those that come meanwhile it is told anew */
	if (decisions_ask_for_local_port() && flow->local_port == 0)
		flow->local_port = address_port(fd);
	subject.peer_known = peer_known;
	memcpy(subject.peer, flow->peer, sizeof(subject.peer));
	subject.port = flow->port;
	subject.local_port = flow->local_port;
	subject.peer_port = flow->peer_port;
	flow->decision = decisions_make(&subject);
	if (!flow_is(flow, FLOW_LISTENS) && proof_leaves_bare(flow))
		flow->decision = -1;
	if (control_is_switched_off()) /* nothing applies, whatever comes later */
		flow->decision = -1;
	arms_begin(flow, fd, &subject);
	if (!log_wants(LOG_DEBUG))
		return;
	log_debug("fd %d: %s, port %u, rules say %s", fd,
		flow_is(flow, FLOW_LISTENS)  ? "listener"
		: flow_is(flow, FLOW_SERVER) ? "server"
					     : "client",
		flow->port, decision_summary(flow->decision));
}

/* Another peer than the first time, which was refused or given up: all is open again. */
static void unsettle(struct flow *flow, int fd)
{
	atomic_store(&flow->mode, COALESCE_OFF);
	settle_take_back(flow, fd, 0);
	flow_unmark(flow, FLOW_SETTLED | FLOW_LENT | FLOW_QUICKACK | FLOW_SERVER | FLOW_DUE |
				  FLOW_FORCED | FLOW_ACKS);
}

void settle_client(struct flow *flow, int fd, const struct sockaddr *address, socklen_t length)
{
	uint16_t port;
	uint8_t peer[16];

	if (flow_is(flow, FLOW_LISTENS) || !memory_readable(address, length) ||
		!address_parse(address, length, peer, &port))
		return;
	if (flow_is(flow, FLOW_SETTLED)) {
		if (port == flow->peer_port && memcmp(peer, flow->peer, sizeof(peer)) == 0)
			return;
		unsettle(flow, fd);
	}
	memcpy(flow->peer, peer, sizeof(peer));
	flow->port = flow->peer_port = port;
	settle_decide(flow, fd, true);
	flow_mark(flow, FLOW_SETTLED);
	if (flow->decision < 0)
		return;
	settle_apply(flow, fd, AT_CONNECT, NULL);
	settle_choose_mode(flow, fd);
	proof_begin(flow);
}

void settle_client_message(struct flow *flow, int fd, const struct msghdr *message)
{
	if (memory_readable(message, sizeof(*message)))
		settle_client(flow, fd, message->msg_name, message->msg_namelen);
}

void settle_bind(struct flow *flow, int fd, const struct sockaddr *address, socklen_t length)
{
	uint8_t own[16];
	uint16_t port;

	if (!decisions_ask_at_bind() || flow_is(flow, FLOW_SETTLED) ||
		!memory_readable(address, length) || !address_parse(address, length, own, &port))
		return;
	flow->local_port = port;
	flow->port = port;
	if (port)
		flow_mark(flow, FLOW_SERVER);
	settle_decide(flow, fd, false);
	settle_apply(flow, fd, AT_BIND, NULL);
	flow_unmark(flow, FLOW_SERVER);
}

int settle_listener(struct flow *flow, int fd, int backlog)
{
	const struct decision *decision;
	int64_t wanted;

	if (!flow_is(flow, FLOW_LISTENS)) {
		flow_mark(flow, FLOW_SERVER | FLOW_LISTENS | FLOW_SETTLED);
		flow->port = flow->local_port = address_port(fd);
		settle_decide(flow, fd, false);
		if (flow->decision >= 0) {
			settle_apply(flow, fd, AT_LISTEN, NULL);
			settle_choose_mode(flow, fd);
		}
	}
	decision = decision_at(flow->decision);
	wanted = decision && !control_is_switched_off()
			 ? number_of(decision, OPTION_LISTEN_BACKLOG, 0)
			 : 0;
	return wanted > backlog && backlog >= 0 ? (int)wanted : backlog;
}

/* What the listener handed down, but the rules do not say for this peer. */
static void take_back_handed(struct flow *flow, int fd)
{
	const struct decision *decision = decision_at(flow->decision);
	uint64_t kept = decision ? decision->set : 0;

	if (decision && number_of(decision, OPTION_COALESCE, COALESCE_OFF) != COALESCE_OFF)
		kept |= OPTION_BIT(OPTION_TCP_NODELAY);
	settle_take_back(flow, fd, kept);
}

void settle_accepted(struct flow *flow, int fd, const struct flow *listener)
{
	const struct decision *handed = decision_at(listener->decision);
	bool peer_known =
		decisions_ask_for_peer() && address_peer(fd, flow->peer, &flow->peer_port);

	flow_mark(flow, FLOW_SERVER | FLOW_SETTLED);
	/* A listener that has given TCP_NODELAY back never takes it again: who got it must not find
	 * it on what it accepts. Ours are then set one by one, in choose_mode(). */
	flow_mark(flow, listener->state & (FLOW_V6 | FLOW_NODELAY | FLOW_RESIGNED));
	nodelay_handed(flow);
	atomic_store(&flow->nodelay_seen, atomic_load(&listener->nodelay_seen));
	flow->port = flow->local_port = listener->port;
	flow->theirs = listener->theirs;
	flow->own_nodelay = listener->own_nodelay;
	flow->nodelay_changes = listener->nodelay_changes;
	flow->ours = listener->ours;
	shadow_copy(flow, listener);
	settle_decide(flow, fd, peer_known);
	if (flow->ours && flow->decision != listener->decision)
		take_back_handed(flow, fd);
	if (flow->decision < 0)
		return;
	settle_apply(flow, fd, AT_CONNECT | AT_ACCEPT, handed);
	settle_choose_mode(flow, fd);
	proof_begin(flow);
}

/* Options that whoever made the socket has set stand: they count as the program's own. */
static void note_inherited(struct flow *flow, int fd)
{
	int nodelay = 0, cork = 0, saved = errno, flags = OURS(libc()->fcntl(fd, F_GETFL));
	struct linger linger = {0, 0};
	char ulp[16] = "";
	socklen_t length = sizeof(int);

	if (flags >= 0 && flags & O_NONBLOCK)
		flow_mark(flow, FLOW_NONBLOCK);
	OURS(libc()->getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, &length));
	OURS(libc()->getsockopt(fd, IPPROTO_TCP, TCP_CORK, &cork, &length));
	length = sizeof(linger);
	OURS(libc()->getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &length));
	length = sizeof(ulp);
	OURS(libc()->getsockopt(fd, IPPROTO_TCP, TCP_ULP, ulp, &length));
	errno = saved;
	flow->own_nodelay = nodelay != 0;
	if (nodelay)
		flow->theirs |= OPTION_BIT(OPTION_TCP_NODELAY);
	if (cork)
		settle_resign(flow, fd, GIVEN_UP_CORK);
	if (linger.l_onoff && linger.l_linger == 0)
		settle_resign(flow, fd, GIVEN_UP_LINGER);
	if (ulp[0])
		settle_resign(flow, fd, GIVEN_UP_ULP);
}

void settle_inherited(struct flow *flow, int fd)
{
	uint16_t local = address_port(fd);
	bool connected = address_peer(fd, flow->peer, &flow->peer_port);
	int listens = 0, saved = errno;
	socklen_t length = sizeof(listens);

	note_inherited(flow, fd);
	if (address_is_v6(fd))
		flow_mark(flow, FLOW_V6);
	if (!connected) {
		OURS(libc()->getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length));
		errno = saved;
		if (listens)
			settle_listener(flow, fd, 0);
		return;
	}
	/* Nobody told who connected: the service is taken to be at the lower port. */
	flow->local_port = local;
	flow->port = local < flow->peer_port ? local : flow->peer_port;
	flow_mark(flow, FLOW_SETTLED | (local < flow->peer_port ? FLOW_SERVER : 0));
	settle_decide(flow, fd, true);
	if (flow->decision < 0)
		return;
	settle_apply(flow, fd, AT_CONNECT | AT_ACCEPT, NULL);
	settle_choose_mode(flow, fd);
	proof_begin(flow);
}

_Static_assert(GIVEN_UP_COUNT <= CONTROL_REASONS, "a count for each reason");

static const char *const given_up_name[] = {
#define WHY(name, reason) [GIVEN_UP_##name] = reason,
	TRACE_GIVEN_UP(WHY)
#undef WHY
};

static void tell(struct flow *flow, enum trace_given_up why)
{
	if (!why)
		return;
	trace_given_up(flow, why);
	atomic_store(&flow->given_up, (uint8_t)why);
	if (flow->decision >= 0 || flow_is(flow, FLOW_ADOPTED))
		atomic_fetch_add(&control_counts.given_up[why], 1);
	if (flow->decision >= 0)
		log_info("port %u: the program's writes are left as they are: %s", flow->port,
			given_up_name[why]);
}

static void end_nodelay(struct flow *flow, int fd)
{
	flow_unmark(flow, FLOW_LENT);
	nodelay_give_back(flow, fd);
	flow_unmark(flow, FLOW_DUE);
}

void settle_resign(struct flow *flow, int fd, enum trace_given_up why)
{
	if (!flow_mark(flow, FLOW_RESIGNED))
		return;
	tell(flow, why);
	/* A buffer must be emptied first: the next write does both. */
	if (atomic_load(&flow->mode) != COALESCE_BUFFER)
		atomic_store(&flow->mode, COALESCE_OFF);
	end_nodelay(flow, fd);
}

void settle_resign_buffer(struct flow *flow, int fd, enum trace_given_up why, uint16_t life)
{
	if (!flow_end_mode(flow, life))
		return;
	tell(flow, why);
	flow_unmark(flow, FLOW_COLLECTS);
	end_nodelay(flow, fd);
	/* While the option was set the flow has ended, and fd is that of the next one. */
	if (flow->life != life && flow_unmark(flow, FLOW_NODELAY))
		flow_mark(flow, FLOW_DUE);
}

void settle_nodelay_due(struct flow *flow, int fd)
{
	resign_for(flow, fd, nodelay_due(flow, fd));
}

void settle_nodelay_program(struct flow *flow, int fd, int on)
{
	resign_for(flow, fd, nodelay_program(flow, on));
}
