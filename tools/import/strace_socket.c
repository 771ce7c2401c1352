/* Calls that make and name sockets. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tools/import/strace_world.h"

/* ---- what makes one ---- */

static bool is_stream(const struct args *args)
{
	return arg_has(args->arg[1], "SOCK_STREAM") &&
	       (arg_has(args->arg[2], "IPPROTO_IP") || arg_has(args->arg[2], "IPPROTO_TCP") ||
		       *args->arg[2] == '0' || *args->arg[2] == '6');
}

static bool makes_datagrams(const struct args *args)
{
	return arg_has(args->arg[1], "SOCK_DGRAM");
}

/* Of a flow, in a new descriptor that the call made. False: there are too many. */
static bool put_flow(struct call *call, struct flow *flow, const char *flags)
{
	const struct desc desc = {
		.kind = DESC_FLOW, .cloexec = arg_has(flags, "SOCK_CLOEXEC"), .flow = flow};

	flow->nonblock = arg_has(flags, "SOCK_NONBLOCK");
	return desc_put(call->thread->image, (int)call->line->result, &desc, call->start);
}

void did_socket(struct call *call)
{
	const struct args *args = &call->args;
	const bool is_6 = arg_has(args->arg[0], "AF_INET6") || arg_has(args->arg[0], "PF_INET6");
	const bool is_4 = arg_has(args->arg[0], "AF_INET") || arg_has(args->arg[0], "PF_INET");
	const int fd = (int)call->line->result;
	struct desc other = {.kind = DESC_OTHER, .cloexec = arg_has(args->arg[1], "SOCK_CLOEXEC")};

	if (call_error(call) || fd < 0)
		return;
	if (!(is_4 || is_6) || !is_stream(args)) {
		if ((is_4 || is_6) && makes_datagrams(args))
			other.kind = DESC_DATAGRAM;
		desc_put(call->thread->image, fd, &other, call->start);
		return;
	}
	struct flow *flow = flow_new(is_6 ? 6 : 4, call->end);
	flow->own.options.nodelay = flow->own.options.cork = flow->own.options.keepalive = 0;
	if (!put_flow(call, flow, args->arg[1])) {
		free(flow);
		return;
	}
	call_event_early(call, (struct trace_event){.call = TRACE_SOCKET,
				       .asked = is_6 ? AF_INET6 : AF_INET,
				       .done = (uint32_t)fd});
}

/* The new one, which the listener's descriptor told of. */
static struct flow *flow_accepted(struct call *call, const struct flow *listener)
{
	const struct trace_connection *its = flow_facts((struct flow *)(uintptr_t)listener);
	struct flow *flow = flow_new(its->family, call->end);
	struct trace_connection *own = &flow->own;
	struct ends ends;
	uint8_t family;

	own->role = ROLE_OF_SERVER;
	own->port = own->local_port = its->local_port;
	memcpy(own->local, its->local, sizeof(own->local));
	own->options.nodelay = its->options.nodelay;
	own->options.cork = 0;
	own->connected = call->end;
	arg_address(call->args.arg[1], own->peer, &own->peer_port, &family);
	if (note_tcp(call->line->note, &ends) && ends.connected) {
		memcpy(own->peer, ends.peer, sizeof(own->peer));
		memcpy(own->local, ends.local, sizeof(own->local));
		own->peer_port = ends.peer_port;
		own->port = own->local_port = ends.local_port;
	}
	return flow;
}

/* What accepts from an address of the Internet is one, though it was open before the log begins. */
static struct flow *flow_that_listens(struct call *call)
{
	struct flow *flow = call_flow(call);
	struct desc new = {.kind = DESC_FLOW};
	uint8_t address[16], family;
	uint16_t port;
	const char *note;
	int fd;

	if (flow || call_error(call) || call_desc(call) || !arg_fd(call->args.arg[0], &fd, &note) ||
		!arg_address(call->args.arg[1], address, &port, &family))
		return flow;
	new.flow = flow_new(family, call->start);
	new.flow->inherited = true;
	if (desc_put(call->thread->image, fd, &new, call->start))
		return new.flow;
	free(new.flow);
	return NULL;
}

void did_accept(struct call *call)
{
	struct trace_event event = {
		.call = strcmp(call->line->name, "accept") == 0 ? TRACE_ACCEPT : TRACE_ACCEPT4};
	struct flow *listener = flow_that_listens(call);

	if (!listener)
		return;
	const bool waits = !listener->nonblock;

	listener->listens = true;
	flow_facts(listener)->role = ROLE_OF_LISTENER;
	if (!waits)
		event.flags = EVENT_NONBLOCK;
	if (call_error(call) || call->line->result < 0) {
		event.flow = flow_number(call, listener);
		call_event(call, event, waits, NULL, 0);
		return;
	}
	event.flow = flow_enter(call, listener);
	flow_facts(listener)->accepted++;
	struct flow *flow = flow_accepted(call, listener);
	if (!put_flow(call, flow, call->args.arg[3])) {
		free(flow);
		return;
	}
	call->world->seen.flows++;
	event.done = flow_enter(call, flow);
	call_event(call, event, waits, NULL, 0);
}

/* ---- what names one ---- */

void flow_is_connected(struct flow *flow, uint64_t now)
{
	struct trace_connection *facts = flow_facts(flow);

	flow->connecting = false;
	if (!facts->connected)
		facts->connected = later(now, later(facts->opened, facts->connecting));
}

static void connects(struct call *call, struct flow *flow)
{
	struct trace_connection *facts = flow_facts(flow);
	const int error = call_error(call);

	facts->role = ROLE_OF_CLIENT;
	flow->inherited = false;
	if (arg_address(call->args.arg[1], facts->peer, &facts->peer_port, &facts->family))
		facts->port = facts->peer_port;
	flow_enter(call, flow);
	facts = flow_facts(flow);
	if (!facts->connecting && !facts->connected)
		facts->connecting = later(call->start, facts->opened);
	call->world->seen.flows += !error || error == EISCONN || error == EINPROGRESS;
	if (!error || error == EISCONN)
		flow_is_connected(flow, call->end);
	else if (error == EINPROGRESS || error == EALREADY || error == EINTR)
		flow->connecting = true;
	else
		facts->connect_error = (uint16_t)error;
	call_event(call, (struct trace_event){.call = TRACE_CONNECT, .flow = facts->number},
		!flow->nonblock, NULL, 0);
}

void did_connect(struct call *call)
{
	struct flow *flow = call_flow(call);
	struct desc *desc = call_desc(call);
	uint8_t address[16], family;
	uint16_t port;

	if (flow)
		connects(call, flow);
	else if (desc && desc->kind == DESC_DATAGRAM &&
		 arg_address(call->args.arg[1], address, &port, &family) && port == 53)
		lookup_asks(call, desc, NULL);
}

void did_bind(struct call *call)
{
	struct flow *flow = call_flow(call);
	uint8_t family;

	if (!flow || call_error(call))
		return;
	struct trace_connection *facts = flow_facts(flow);
	arg_address(call->args.arg[1], facts->local, &facts->local_port, &family);
	call_event(call, (struct trace_event){.call = TRACE_BIND, .flow = flow_number(call, flow)},
		false, NULL, 0);
}

void did_listen(struct call *call)
{
	struct flow *flow = call_flow(call);
	int64_t backlog = 0;

	if (!flow || call_error(call))
		return;
	arg_number(call->args.arg[1], 0, &backlog);
	struct trace_connection *facts = flow_facts(flow);
	flow->listens = true;
	facts->role = ROLE_OF_LISTENER;
	facts->port = facts->local_port;
	facts->backlog = facts->backlog_set = (uint32_t)backlog;
	call_event(call,
		(struct trace_event){.call = TRACE_LISTEN,
			.flow = flow_number(call, flow),
			.asked = (uint32_t)backlog},
		false, NULL, 0);
}

/* A stream's, as only they have peers with ports in most logs; of what is known to be none nothing.
 */
void did_name_of(struct call *call)
{
	struct flow *flow = call_flow(call);
	uint8_t address[16], family;
	uint16_t port;

	if (!flow || call_error(call) || !arg_address(call->args.arg[1], address, &port, &family))
		return;
	struct trace_connection *facts = flow_facts(flow);
	const bool own = strcmp(call->line->name, "getsockname") == 0;

	memcpy(own ? facts->local : facts->peer, address, sizeof(address));
	*(own ? &facts->local_port : &facts->peer_port) = port;
	if (own && flow->listens)
		facts->port = port;
}
