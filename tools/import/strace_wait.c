/* Calls that wait for readiness or for time. */
#include <stdlib.h>
#include <string.h>

#include "tools/import/strace_world.h"

#define NEVER 65535u /* ms: as the library has it (WAIT_NEVER, shim/record/wait.h) */

struct watched {
	uint32_t flow[COVERED_MOST];
	unsigned count; /* more than COVERED_MOST: too many to tell */
};

static void watch(struct call *call, struct watched *watched, int fd, const char *note)
{
	struct flow *flow = flow_of(call, fd, note);
	uint32_t number = flow ? flow_number(call, flow) : 0;

	if (!number)
		return;
	if (watched->count < COVERED_MOST)
		watched->flow[watched->count] = number;
	watched->count++;
}

/* ms; what is less than one, but not nothing, is one. */
static uint16_t milliseconds(int64_t seconds, int64_t ns)
{
	const int64_t ms = seconds > 1 << 20 ? (int64_t)NEVER : seconds * 1000 + ns / 1000000;

	if (!ms && ns)
		return 1;
	return ms < 0 ? NEVER : ms < (int64_t)NEVER ? (uint16_t)ms : (uint16_t)(NEVER - 1);
}

/* {tv_sec=0, tv_nsec=5} and {tv_sec=0, tv_usec=5}: unit is ns for one of the latter. NULL: none. */
static uint16_t timeout_of(const char *text, int64_t unit)
{
	int64_t seconds = 0, parts = 0;

	if (!arg_number(text, 0, &seconds))
		return NEVER;
	arg_number(text, 1, &parts);
	return milliseconds(seconds, parts % 1000000000 * unit);
}

static void waited(struct call *call, enum trace_call what, struct watched *watched, uint64_t asked,
	uint16_t timeout, int set)
{
	const int64_t result = call->line->result;
	const struct trace_event event = {.call = (uint8_t)what,
		.flags = timeout ? 0 : EVENT_NONBLOCK,
		.extra = timeout,
		.set = (uint16_t)set,
		.asked = asked < UINT32_MAX ? (uint32_t)asked : UINT32_MAX,
		.done = result > 0 && !call_error(call) ? (uint32_t)result : 0};

	call_event(call, event, timeout != 0, watched->flow,
		watched->count <= COVERED_MOST ? watched->count : 0);
}

/* What stands behind that key, descriptors each. */
static void watch_all(struct call *call, struct watched *watched, const char *text, const char *key)
{
	const char *at = text, *note;
	int fd;

	for (unsigned looked = 0; looked < LOOKED_MOST && (at = arg_next(at, key)); looked++)
		if (arg_fd(at, &fd, &note))
			watch(call, watched, fd, note);
}

void did_poll(struct call *call)
{
	const bool plain = strcmp(call->line->name, "poll") == 0;
	struct watched watched = {.count = 0};
	int64_t asked = 0, timeout = -1;

	arg_number(call->args.arg[1], 0, &asked);
	if (asked <= LOOKED_MOST)
		watch_all(call, &watched, call->args.arg[0], "fd=");
	if (plain) {
		arg_number(call->args.arg[2], 0, &timeout);
		waited(call, TRACE_POLL, &watched, (uint64_t)asked,
			timeout < 0 ? NEVER
				    : milliseconds(timeout / 1000, timeout % 1000 * 1000000),
			0);
	} else {
		waited(call, TRACE_PPOLL, &watched, (uint64_t)asked,
			timeout_of(call->args.arg[2], 1), 0);
	}
}

/* "[5 6<TCP:[...]>]" */
static void watch_set(
	struct call *call, struct watched *watched, const char *set, uint8_t seen[128])
{
	const char *note, *at = *set == '[' ? set + 1 : "";
	int fd;

	while (*at && *at != ']') {
		if (!arg_fd(at, &fd, &note))
			break;
		if (fd < 1024 && !(seen[fd / 8] >> fd % 8 & 1)) {
			seen[fd / 8] |= (uint8_t)(1 << fd % 8);
			watch(call, watched, fd, note);
		}
		at = arg_behind_fd(at);
		at += *at == ' ';
	}
}

void did_select(struct call *call)
{
	const bool plain = strcmp(call->line->name, "pselect6") != 0 &&
			   strcmp(call->line->name, "pselect6_time64") != 0;
	struct watched watched = {.count = 0};
	uint8_t seen[128] = {0};
	int64_t asked = 0;

	arg_number(call->args.arg[0], 0, &asked);
	for (int i = 1; i <= 3; i++)
		watch_set(call, &watched, call->args.arg[i], seen);
	waited(call, plain ? TRACE_SELECT : TRACE_PSELECT, &watched, (uint64_t)asked,
		timeout_of(call->args.arg[4], plain ? 1000 : 1), 0);
}

/* ---- epoll ---- */

#define EPOLLS_MOST ((size_t)1 << 20)

static uint64_t epoll_key(int set, uint64_t data)
{
	return (data ^ (uint64_t)(uint32_t)set << 32) * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

void did_epoll_create(struct call *call)
{
	const struct desc desc = {
		.kind = DESC_EPOLL, .cloexec = arg_has(call->args.arg[0], "EPOLL_CLOEXEC")};

	if (!call_error(call) && call->line->result >= 0 && call->line->result < 1 << 30)
		desc_put(call->thread->image, (int)call->line->result, &desc, call->end);
}

static uint64_t data_of(const char *text)
{
	const char *at = arg_next(text, "u64=");

	return at ? strtoull(at, NULL, 0) : 0;
}

void did_epoll_ctl(struct call *call)
{
	struct map *epolls = &call->thread->image->epolls;
	const char *note;
	int set, fd;

	if (call_error(call) || !arg_fd(call->args.arg[0], &set, &note) ||
		!arg_fd(call->args.arg[2], &fd, &note) || strstr(call->args.arg[1], "DEL"))
		return;
	flow_of(call, fd, note);
	if (epolls->used < EPOLLS_MOST)
		map_put(epolls, epoll_key(set, data_of(call->args.arg[3])),
			(void *)((uintptr_t)fd + 1));
}

static void watch_ready(struct call *call, struct watched *watched, int set)
{
	const char *at = call->args.arg[1];

	for (unsigned looked = 0; looked < LOOKED_MOST && (at = arg_next(at, "u64=")); looked++) {
		const uintptr_t known = (uintptr_t)map_get(
			&call->thread->image->epolls, epoll_key(set, strtoull(at, NULL, 0)));

		if (known)
			watch(call, watched, (int)(known - 1), NULL);
	}
}

void did_epoll_wait(struct call *call)
{
	const char *name = call->line->name, *note;
	const bool spec = strcmp(name, "epoll_pwait2") == 0;
	struct watched watched = {.count = 0};
	int64_t asked = 0, timeout = -1;
	int set;

	if (!arg_fd(call->args.arg[0], &set, &note))
		return;
	arg_number(call->args.arg[2], 0, &asked);
	arg_number(call->args.arg[3], 0, &timeout);
	if (call->line->result <= LOOKED_MOST)
		watch_ready(call, &watched, set);
	waited(call,
		spec				  ? TRACE_EPOLL_PWAIT2
		: strcmp(name, "epoll_wait") == 0 ? TRACE_EPOLL_WAIT
						  : TRACE_EPOLL_PWAIT,
		&watched, (uint64_t)asked,
		spec	      ? timeout_of(call->args.arg[3], 1)
		: timeout < 0 ? NEVER
			      : milliseconds(timeout / 1000, timeout % 1000 * 1000000),
		set);
}

/* ---- time ---- */

void did_sleep(struct call *call)
{
	const bool clock = strncmp(call->line->name, "clock_", 6) == 0;
	const char *time = call->args.arg[clock ? 2 : 0];
	int64_t seconds = 0, ns = 0;
	uint64_t us;

	if (!arg_number(time, 0, &seconds) || seconds < 0)
		seconds = 0;
	arg_number(time, 1, &ns);
	us = (uint64_t)(seconds < 1 << 20 ? seconds : 1 << 20) * 1000000 + (uint64_t)ns / 1000;
	if (clock && arg_has(call->args.arg[1], "TIMER_ABSTIME"))
		us = (call->end - call->start) / 1000;
	call_event(call,
		(struct trace_event){.call = TRACE_NANOSLEEP,
			.asked = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX},
		true, NULL, 0);
}
