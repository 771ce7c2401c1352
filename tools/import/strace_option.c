/* Calls that set and ask options of sockets. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "rules/option.h"
#include "tools/import/strace_names.h"
#include "tools/import/strace_world.h"

static void keep_option(struct flow *flow, int id, int64_t value)
{
	struct trace_options *options = &flow_facts(flow)->options;

	if (id == OPTION_TCP_NODELAY)
		options->nodelay = value != 0;
	if (id == OPTION_SO_KEEPALIVE)
		options->keepalive = value != 0;
	if (id == OPTION_TCP_CORK) {
		options->cork = value != 0;
		flow->cork = value != 0;
	}
}

/* {l_onoff=1, l_linger=0}: -1 is off. */
static void keep_linger(struct flow *flow, const char *value)
{
	int64_t on = 0, seconds = 0;

	if (arg_number(value, 0, &on) && arg_number(value, 1, &seconds))
		flow_facts(flow)->options.linger = on ? (int32_t)seconds : -1;
}

/* One that somebody treats as TCP, and that was open before the log begins. */
static struct flow *flow_of_option(struct call *call)
{
	struct flow *flow = call_flow(call);
	struct desc new = {.kind = DESC_FLOW};
	const char *note;
	int fd;

	if (flow || call_error(call) || call_desc(call) || !arg_fd(call->args.arg[0], &fd, &note) ||
		(strcmp(call->args.arg[1], "SOL_TCP") != 0 &&
			strcmp(call->args.arg[1], "IPPROTO_TCP") != 0))
		return flow;
	new.flow = flow_new(4, call->start);
	new.flow->inherited = true;
	if (desc_put(call->thread->image, fd, &new, call->start))
		return new.flow;
	free(new.flow);
	return NULL;
}

void did_setsockopt(struct call *call)
{
	struct flow *flow = flow_of_option(call);
	int64_t value = 0;
	int id;
	const uint32_t name = strace_option(call->args.arg[1], call->args.arg[2], &id);

	if (!flow || !name)
		return;
	arg_number(call->args.arg[3], 0, &value);
	if (!call_error(call) && id >= 0) {
		flow_facts(flow)->theirs |= OPTION_BIT(id);
		keep_option(flow, id, value);
		if (id == OPTION_SO_LINGER)
			keep_linger(flow, call->args.arg[3]);
	}
	call_event(call,
		(struct trace_event){.call = TRACE_SETSOCKOPT,
			.flow = flow_number(call, flow),
			.asked = name,
			.done = (uint32_t)value},
		false, NULL, 0);
}

void did_getsockopt(struct call *call)
{
	struct flow *flow = flow_of_option(call);
	int64_t value = 0;
	int id;
	const uint32_t name = strace_option(call->args.arg[1], call->args.arg[2], &id);

	if (!flow || !name)
		return;
	if (!arg_number(call->args.arg[3], 0, &value) && strchr(call->args.arg[3], 'E'))
		value = strace_errno(call->args.arg[3] + (call->args.arg[3][0] == '['),
			strcspn(call->args.arg[3] + 1, "]"));
	if (flow->connecting && !call_error(call) && strcmp(call->args.arg[2], "SO_ERROR") == 0) {
		if (value)
			flow_facts(flow)->connect_error = (uint16_t)value;
		else
			flow_is_connected(flow, call->end);
		flow->connecting = false;
	}
	call_event(call,
		(struct trace_event){.call = TRACE_GETSOCKOPT,
			.flow = flow_number(call, flow),
			.asked = name,
			.done = (uint32_t)value},
		false, NULL, 0);
}

void did_ioctl(struct call *call)
{
	static const struct {
		const char *name;
		uint32_t number;
	} request[] = {{"FIONREAD", FIONREAD}, {"FIONBIO", FIONBIO}, {"SIOCOUTQ", TIOCOUTQ}};
	struct flow *flow = call_flow(call);
	int64_t value = 0;

	for (size_t i = 0; flow && i < sizeof(request) / sizeof(*request); i++) {
		if (!arg_has(call->args.arg[1], request[i].name))
			continue;
		arg_number(call->args.arg[2], 0, &value);
		if (request[i].number == FIONBIO && !call_error(call))
			flow->nonblock = value != 0;
		call_event(call,
			(struct trace_event){.call = TRACE_IOCTL,
				.flow = flow_number(call, flow),
				.asked = request[i].number,
				.done = (uint32_t)value},
			false, NULL, 0);
	}
}
