/* Recorded calls that make, name, set and end sockets: the second half of record/call.h.
 *
 * Must not look at values of the program before the kernel has. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "shim/record/call.h"

/* ---- what makes one ---- */

void call_making_recorded(struct call *call)
{
	if (call->recorded)
		return;
	call->recorded = true;
	call->start = trace_clock();
}

static void add_made(const struct call *call, uint32_t flow, uint64_t asked, uint64_t done)
{
	struct trace_note note = {.call = call->what,
		.start = call->start,
		.end = call->end,
		.asked = asked,
		.flow = flow,
		.done = done};

	trace_add(&note);
}

static void note_opened(const struct call *call, const struct flow *flow)
{
	trace_of(flow)->opened = call->end ? call->end : clock_now();
}

void call_opened_recorded(const struct call *call, int fd, int domain)
{
	struct flow *flow = fd >= 0 ? call_flow_of(fd) : NULL;

	if (!flow)
		return;
	note_opened(call, flow);
	add_made(call, trace_number(flow, fd), (uint32_t)domain, (uint32_t)fd);
}

/* Of a listener that we know is a flow what it accepts, too. */
void call_accepted_recorded(const struct call *call, int fd)
{
	struct flow *flow = fd >= 0 ? call_flow_of(fd) : NULL;

	if (fd < 0 && trace_file_ready())
		call_end(call, fd, 0, 0);
	if (!flow || !call->flow || call_is_over(call) || !trace_accepts(call->flow, call->fd))
		return;
	note_opened(call, flow);
	if (trace_enter(flow, fd))
		add_made(call, trace_of(call->flow)->number, 0, trace_of(flow)->number);
}

/* ---- what names one ---- */

/* Without events, too, it is told how long a connect took. */
void call_connecting_recorded(struct call *call)
{
	call->recorded = trace_enter(call->flow, call->fd) != NULL;
	call->start = clock_now();
}

void call_connected_recorded(const struct call *call, int result)
{
	const int error = result < 0 ? errno : 0;

	call_other_recorded(call, result, 0, 0);
	if (!call_is_over(call))
		trace_connected(call->flow, call->fd, call->start, error);
}

void call_listens_recorded(const struct call *call, int result)
{
	call_other_recorded(call, result, trace_of(call->flow)->backlog, 0);
	trace_listens(call->flow, call->fd);
}

/* ---- what ends one ---- */

void call_closed_recorded(const struct call *call, int result)
{
	struct trace_note note = {.call = call->what,
		.error = result < 0 ? errno : 0,
		.flow = call->number,
		.start = call->start,
		.end = trace_clock()};

	if (call->number)
		trace_add(&note);
}

/* ---- what sets one ---- */

static int value_of(const void *value, socklen_t length)
{
	int number = 0;

	if (length == sizeof(number))
		memcpy(&number, value, sizeof(number));
	return number;
}

static uint64_t name_of(int level, int name)
{
	return (uint64_t)(uint32_t)level << 16 | (uint16_t)name;
}

void call_option_recorded(const struct call *call, int result, int level, int name,
	const void *value, socklen_t length)
{
	const int number = result == 0 ? value_of(value, length) : 0;
	const bool sets = call->what == TRACE_SETSOCKOPT;

	if (result == 0 && sets && level == IPPROTO_TCP && name == TCP_NODELAY)
		trace_of(call->flow)->nodelay = number != 0;
	call_other_recorded(call, result, name_of(level, name), (uint32_t)number);
	if (result == 0 && !sets && trace_of(call->flow)->connecting && level == SOL_SOCKET &&
		name == SO_ERROR)
		trace_may_be_connected(call->flow, call->fd, false, number);
}
