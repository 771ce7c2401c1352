/* Hooks of epoll_wait() and its kin, by their names and by their numbers. What they ask for is not
 * told; they are taken to ask for answers. epoll_ctl() is there for the recording alone. */
#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/flow/keep.h"
#include "shim/hook/raw.h"
#include "shim/hook/wait_time.h"
#include "shim/record/wait.h"

/* Before the call: what it asks for is not told. */
static void epoll_begins(struct call_wait *call, unsigned what, int epfd, bool probes)
{
	if (probes) {
		flow_probe();
		flow_keep_look();
	} else {
		flow_turns_over();
	}
	call_begin_wait(call, what, epfd);
}

static int epoll_ends(struct call_wait *call, int result, const struct epoll_event *events, int max,
	uint16_t timeout)
{
	if (__builtin_expect(call->recorded, 0))
		call_epolled_recorded(call, result, events, max, timeout);
	return result;
}

/* The time of epoll_pwait2() can be read once the kernel has. */
static uint16_t time_of(int result, const struct timespec *timeout)
{
	return result >= 0 ? call_wait_time(timeout) : WAIT_NEVER;
}

static int in_steps(
	int epfd, struct epoll_event *events, int max, int timeout, const sigset_t *mask)
{
	int step, result;

	while ((step = flow_keep_step(timeout)) != timeout) {
		result = real()->epoll_pwait(epfd, events, max, step, mask);
		if (result != 0)
			return result;
		if (timeout > 0)
			timeout -= step;
	}
	return mask ? real()->epoll_pwait(epfd, events, max, timeout, mask)
		    : real()->epoll_wait(epfd, events, max, timeout);
}

EXPORT int epoll_ctl(int epfd, int operation, int fd, struct epoll_event *event)
{
	int result = real()->epoll_ctl(epfd, operation, fd, event);

	call_set_told(epfd, operation, fd, event, result);
	return result;
}

long raw_epoll_ctl(const struct raw *raw)
{
	long result = raw_call(raw);

	call_set_told((int)raw->a[0], (int)raw->a[1], (int)raw->a[2],
		(const struct epoll_event *)raw->a[3], (int)result);
	return result;
}

EXPORT int epoll_wait(int epfd, struct epoll_event *events, int max, int timeout)
{
	struct call_wait call;

	epoll_begins(&call, TRACE_EPOLL_WAIT, epfd, timeout == 0);
	return epoll_ends(&call, in_steps(epfd, events, max, timeout, NULL), events, max,
		call_wait_ms(timeout));
}

EXPORT int epoll_pwait(
	int epfd, struct epoll_event *events, int max, int timeout, const sigset_t *mask)
{
	struct call_wait call;

	epoll_begins(&call, TRACE_EPOLL_PWAIT, epfd, timeout == 0);
	return epoll_ends(&call, in_steps(epfd, events, max, timeout, mask), events, max,
		call_wait_ms(timeout));
}

static long raw_waits(const struct raw *raw, unsigned what)
{
	const int timeout = (int)raw->a[3];
	struct call_wait call;

	epoll_begins(&call, what, (int)raw->a[0], timeout == 0);
	return epoll_ends(&call, raw_waits_whole(raw), (const struct epoll_event *)raw->a[1],
		(int)raw->a[2], call_wait_ms(timeout));
}

#ifdef __NR_epoll_wait
long raw_epoll_wait(const struct raw *raw)
{
	return raw_waits(raw, TRACE_EPOLL_WAIT);
}
#endif

long raw_epoll_pwait(const struct raw *raw)
{
	return raw_waits(raw, TRACE_EPOLL_PWAIT);
}

static int in_steps2(int epfd, struct epoll_event *events, int max, const struct timespec *timeout,
	const sigset_t *mask)
{
	int left = thread.kept ? time_in_ms(timeout) : 0, step, result;
	struct timespec time;

	while ((step = flow_keep_step(left)) != left) {
		const struct timespec first = time_of_ms(step);

		result = real()->epoll_pwait2(epfd, events, max, &first, mask);
		if (result != 0)
			return result;
		time_less_step(&timeout, &time, step);
		left = time_in_ms(timeout);
	}
	return real()->epoll_pwait2(epfd, events, max, timeout, mask);
}

EXPORT int epoll_pwait2(int epfd, struct epoll_event *events, int max,
	const struct timespec *timeout, const sigset_t *mask)
{
	struct call_wait call;
	int result;

	epoll_begins(&call, TRACE_EPOLL_PWAIT2, epfd, thread.wrote && time_is_zero(timeout));
	result = in_steps2(epfd, events, max, timeout, mask);
	return epoll_ends(&call, result, events, max, time_of(result, timeout));
}

#ifndef __i386__ /* raw_calls.h */
long raw_epoll_pwait2(const struct raw *raw)
{
	const struct timespec *timeout = (const struct timespec *)raw->a[3];
	struct call_wait call;
	int result;

	epoll_begins(
		&call, TRACE_EPOLL_PWAIT2, (int)raw->a[0], thread.wrote && time_is_zero(timeout));
	result = raw_waits_whole(raw);
	return epoll_ends(&call, result, (const struct epoll_event *)raw->a[1], (int)raw->a[2],
		time_of(result, timeout));
}
#endif
