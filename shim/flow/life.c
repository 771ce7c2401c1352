/* The life of flows: made, adopted, accepted, duplicated, closed.
 *
 * Keeps the descriptor table in step with what the program does to its descriptors, and lets go of
 * held bytes before a descriptor ends. Decides nothing about writes. */
#include "shim/flow/flow.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "shim/settle/arms.h"
#include "shim/settle/decisions.h"
#include "shim/base/fault.h"
#include "shim/flow/hold.h"
#include "shim/flow/news.h"
#include "shim/base/memory.h"
#include "shim/base/message.h"
#include "shim/real.h"
#include "shim/settle/nodelay.h"
#include "shim/settle/settle.h"
#include "shim/settle/shadow.h"
#include "shim/settle/sockopt.h"
#include "shim/record/connection.h"

/* TCP_REPAIR can be read on TCP over IPv4 and IPv6 and on nothing else, without privilege
 * (net/ipv4/tcp.c, do_tcp_getsockopt). Returns 0 or an errno. */
static int look_behind(int fd)
{
	int repair, saved = errno, error = 0;
	socklen_t length = sizeof(repair);

	if (OURS(libc()->getsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &repair, &length)) != 0)
		error = errno;
	errno = saved;
	return error;
}

/* getsockopt() was refused. EBADF and ENOTSOCK are plain answers; others are, too, where the socket
 * answers a question that every socket knows. Where it does not, it was a sandbox that refused. */
static void refused_to_tell(int fd, int error)
{
	if (error == EBADF || error == ENOTSOCK)
		return;
	if (sockopt_answers(fd))
		control_refused(error);
	else
		control_confined(error);
}

static struct flow *take_in(int fd, uint64_t cookie, uintptr_t *slot)
{
	struct flow *flow = flow_new(slot);

	if (!flow)
		return NULL;
	flow_set_cookie(flow, cookie);
	flow_mark(flow, FLOW_ADOPTED);
	settle_inherited(flow, fd);
	return flow;
}

/* The flow of a TCP socket that we did not see being made; NULL: it is left alone. */
static struct flow *known_or_taken_in(int fd, uintptr_t *slot)
{
	uint64_t cookie;
	const int error = sockopt_cookie_again(fd, &cookie);
	struct flow *flow = flow_of_cookie(cookie);

	/* Without a cookie nobody can tell whether it is a second descriptor of a known flow: where
	 * there may be one, nothing may be held any more. */
	*slot = SLOT_BEARER;
	if (error && error != EBADF && error != ENOTSOCK)
		control_confined(error);
	if (!cookie)
		return NULL;
	if (!flow)
		return take_in(fd, cookie, slot);
	*slot = (uintptr_t)flow;
	return flow;
}

struct flow *flow_adopt(int fd)
{
	struct flow *flow = NULL;
	uintptr_t slot;
	int error;

	if (control_is_switched_off()) /* it will be looked at when that is over */
		return NULL;
	error = look_behind(fd);
	if (error) {
		refused_to_tell(fd, error);
		slot = error == ENOTSOCK ? SLOT_OTHER : SLOT_BEARER;
	} else {
		flow = known_or_taken_in(fd, &slot);
	}
	if (error != EBADF)
		fdtab_replace(fd, SLOT_UNKNOWN, slot);
	if (!flow)
		return NULL;
	/* Another thread may have been faster, or there is no memory for the slot. */
	if (fdtab_get(fd) == slot)
		return flow;
	flow_unref(flow);
	return NULL;
}

static void flow_drop(struct flow *flow)
{
	if (atomic_load(&flow->refs) == 1) {
		flow_hold_drop(flow);
		trace_closed(flow);
		shadow_drop(flow);
	}
	flow_unref(flow);
}

/* fd is about to be closed, but the flow has another descriptor: other threads, which set options
 * or flush by flow->held_fd, are to use that one from now on. */
static void hand_on(struct flow *flow, uintptr_t slot, int fd)
{
	if (atomic_load(&flow->refs) < 2 || atomic_load(&flow->held_fd) != fd)
		return;
	for (int other = 0; other < fdtab_end(); other++)
		if (fdtab_get(other) == slot)
			atomic_store(&flow->held_fd, other);
}

static void flow_forget(int fd)
{
	uintptr_t slot = fdtab_exchange(fd, SLOT_OTHER);

	if (slot < SLOT_FLOW)
		return;
	hand_on(fdtab_flow(slot), slot, fd);
	flow_drop(fdtab_flow(slot));
}

/* fd was made anew without a close that we saw: whatever flow it was is over. */
static void flow_replaced(int fd)
{
	uintptr_t slot = fdtab_get(fd);

	if (slot != SLOT_OTHER && slot != SLOT_UNKNOWN)
		flow_forget(fd);
}

static bool is_tcp(int domain, int type, int protocol)
{
	return (domain == AF_INET || domain == AF_INET6) &&
	       (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) == SOCK_STREAM &&
	       (protocol == 0 || protocol == IPPROTO_TCP);
}

void flow_opened(int fd, int domain, int type, int protocol)
{
	struct flow *flow;
	uintptr_t slot;

	if (!control_on())
		return;
	flow_replaced(fd); /* the old flow, if its close was not seen */
	flow = is_tcp(domain, type, protocol) && fd < (int)FDTAB_LIMIT ? flow_new(&slot) : NULL;
	if (!flow) {
		fdtab_set(fd, domain == AF_UNIX ? SLOT_BEARER : SLOT_WAITS);
		return;
	}
	if (type & SOCK_NONBLOCK)
		flow_mark(flow, FLOW_NONBLOCK);
	if (domain == AF_INET6)
		flow_mark(flow, FLOW_V6);
	fdtab_close_on_exec(fd, type & SOCK_CLOEXEC);
	fdtab_set(fd, slot);
}

struct flow *flow_connecting(int fd, const struct sockaddr *address, socklen_t length)
{
	struct flow *flow = flow_of(fd);

	if (!flow)
		return NULL;
	news_look();
	settle_client(flow, fd, address, length);
	return flow;
}

void flow_connected(
	int fd, const struct flow *was, const struct sockaddr *address, socklen_t length)
{
	if (was && flow_of(fd) != was)
		flow_connecting(fd, address, length);
}

void flow_binding(int fd, const struct sockaddr *address, socklen_t length)
{
	struct flow *flow = flow_of(fd);

	if (!flow)
		return;
	news_look();
	settle_bind(flow, fd, address, length);
}

int flow_listening(int fd, int backlog)
{
	struct flow *flow = flow_of(fd);
	int passed_on;

	if (!flow)
		return backlog;
	news_look();
	passed_on = settle_listener(flow, fd, backlog);
	trace_listening(flow, backlog, passed_on);
	return passed_on;
}

void flow_accepted(int listener, int fd, int flags)
{
	struct flow *parent = flow_of(listener), *flow;
	uintptr_t slot;

	if (!control_on())
		return;
	news_look();
	if (!parent || !flow_is(parent, FLOW_LISTENS)) {
		flow_arrived(fd);
		/* What a listener of another kind accepts is of that kind. */
		slot = fdtab_get(listener);
		if (slot == SLOT_WAITS || slot == SLOT_BEARER)
			fdtab_set(fd, slot);
		return;
	}
	flow_replaced(fd);
	flow = fd < (int)FDTAB_LIMIT ? flow_new(&slot) : NULL;
	if (!flow) {
		fdtab_set(fd, SLOT_OTHER);
		return;
	}
	if (flags & SOCK_NONBLOCK)
		flow_mark(flow, FLOW_NONBLOCK);
	settle_accepted(flow, fd, parent);
	fdtab_close_on_exec(fd, flags & SOCK_CLOEXEC);
	fdtab_set(fd, slot);
}

/* The process that made the connection may go on using it: it gets TCP_NODELAY back as it was. */
static void give_back_last(struct flow *flow, int fd)
{
	if (atomic_load(&flow->refs) != 1)
		return;
	nodelay_closes(flow, fd);
	arms_end(flow);
}

void flow_closing(int fd)
{
	uintptr_t slot = fdtab_get(fd);

	if (!control_on())
		return;
	if (slot >= SLOT_FLOW) {
		flow_push(fdtab_flow(slot));
		flow_nodelay_back(fdtab_flow(slot)); /* while held_fd is sure to be its own */
		give_back_last(fdtab_flow(slot), fd);
		trace_closing_flow(fdtab_flow(slot), fd);
	}
	flow_replaced(fd);
}

void flow_lost(int fd)
{
	flow_forget(fd);
}

void flow_closing_range(unsigned first, unsigned last)
{
	unsigned end = (unsigned)fdtab_end();

	for (unsigned fd = first; fd < end && fd <= last; fd++)
		flow_closing((int)fd);
}

void flow_duplicated(int of, int fd)
{
	uintptr_t slot = fdtab_get(of);

	if (!control_on() || of == fd)
		return;
	if (slot >= SLOT_FLOW)
		flow_ref(fdtab_flow(slot));
	flow_replaced(fd);
	fdtab_close_on_exec(fd, false);
	fdtab_set(fd, slot);
}

void flow_arrived(int fd)
{
	if (!control_on())
		return;
	flow_replaced(fd);
	fdtab_close_on_exec(fd, false);
	fdtab_set(fd, SLOT_UNKNOWN);
}

static void each_descriptor(const struct msghdr *message, void (*visit)(int fd))
{
	const struct cmsghdr *part = message_part(message);

	for (; part; part = message_next_part(message, part)) {
		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = 0; at + sizeof(int) <= message_part_length(part);
			at += sizeof(int))
			visit(*(const int *)(CMSG_DATA(part) + at));
	}
}

void flow_message_arrived(const struct msghdr *message)
{
	if (message_room(message) && control_on())
		each_descriptor(message, flow_arrived);
}

/* Another process gets it, too: what was collected goes before it can write, and it must not find
 * TCP_NODELAY as we have set it, nor is that to stay when this process ends. */
static void share(int fd)
{
	struct flow *flow = flow_of(fd);

	if (!flow)
		return;
	flow_buffer_end(flow, GIVEN_UP_SHARED);
	flow_push(flow);
	nodelay_give_back(flow, fd);
	flow_mark(flow, FLOW_ADOPTED);
	if (!flow->cookie)
		flow_set_cookie(flow, sockopt_cookie(fd)); /* it may come back */
}

static bool may_bear(int fd)
{
	return control_on() && fdtab_get(fd) == SLOT_BEARER;
}

/* A header on the stack, where nearly all that pass descriptors have it, costs nothing to look at;
 * others only where bytes may be collected, which must be gone before. */
static bool has_control(const struct msghdr *message)
{
	return (memory_is_near(message, sizeof(*message)) ||
		       (decisions_may_collect() && memory_readable(message, sizeof(*message)))) &&
	       message_room(message) &&
	       memory_readable(message->msg_control, message_room(message));
}

/* Who receives may be faster than what follows the call here. Where the kernel refuses the message,
 * the next write takes TCP_NODELAY again. */
void flow_message_leaving(int fd, const struct msghdr *message)
{
	if (may_bear(fd) && has_control(message))
		each_descriptor(message, share);
}

/* What could not be looked at before, or another thread has written meanwhile. */
void flow_message_left(int fd, const struct msghdr *message)
{
	if (may_bear(fd) && message_room(message))
		each_descriptor(message, share);
}

void flow_messages_leaving(int fd, const struct mmsghdr *message, unsigned messages)
{
	for (unsigned i = 0; i < messages && i < UIO_MAXIOV; i++)
		flow_message_leaving(fd, &message[i].msg_hdr);
}

void flow_messages_left(int fd, const struct mmsghdr *message, int messages)
{
	for (int i = 0; i < messages; i++)
		flow_message_left(fd, &message[i].msg_hdr);
}

/* Where nothing may be sent any more, nothing may be collected. */
void flow_ending(struct flow *flow, int how)
{
	if (how != SHUT_RD)
		flow_buffer_end(flow, GIVEN_UP_NOT);
	flow_push(flow);
	flow_nodelay_back(flow);
}

void flow_replacing(int of, int to)
{
	struct flow *source = flow_of(of), *flow = of != to ? flow_of(to) : NULL;

	if (source && of != to)
		flow_buffer_end(source, GIVEN_UP_SHARED);
	if (!flow)
		return;
	flow_push(flow);
	flow_nodelay_back(flow);
	trace_closing_flow(flow, to);
}

void flow_nonblocking(int fd, bool on)
{
	struct flow *flow = flow_of(fd);

	if (flow && on)
		flow_mark(flow, FLOW_NONBLOCK);
	else if (flow)
		flow_unmark(flow, FLOW_NONBLOCK);
}

void flow_closes_on_exec(int fd, bool on)
{
	if (control_on() && fdtab_get(fd) >= SLOT_FLOW)
		fdtab_close_on_exec(fd, on);
}

void flow_leaving(void)
{
	flow_push_all();
	nodelay_leave();
}

void flow_spawning(bool moves)
{
	flow_push_all();
	nodelay_spawns(moves);
}

void flow_exec_begin(void)
{
	flow_push_all();
	nodelay_exec();
}

void flow_exec_failed(void)
{
	nodelay_exec_failed();
}

void flow_stdio(int fd)
{
	struct flow *flow = flow_of(fd);

	if (!flow)
		return;
	flow_push(flow);
	trace_stdio(flow);
	settle_resign(flow, fd, GIVEN_UP_STDIO);
}
