/* Hooks of epoll_wait() and its kin. What they ask for is not told; they are taken to ask for
 * answers. epoll_ctl() is there for the recording alone. */
#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/flow/keep.h"
#include "shim/real.h"
#include "shim/hook/wait_time.h"

/* Before the call: what it asks for is not told. */
static void epolling(bool probes)
{
	if (probes) {
		flow_probe();
		flow_keep_look();
	} else {
		flow_turns_over();
	}
}

static int flow_epoll(
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
	return real()->epoll_ctl(epfd, operation, fd, event);
}

EXPORT int epoll_wait(int epfd, struct epoll_event *events, int max, int timeout)
{
	epolling(timeout == 0);
	return flow_epoll(epfd, events, max, timeout, NULL);
}

EXPORT int epoll_pwait(
	int epfd, struct epoll_event *events, int max, int timeout, const sigset_t *mask)
{
	epolling(timeout == 0);
	return flow_epoll(epfd, events, max, timeout, mask);
}

EXPORT int epoll_pwait2(int epfd, struct epoll_event *events, int max,
	const struct timespec *timeout, const sigset_t *mask)
{
	int left = thread.kept ? time_in_ms(timeout) : 0, step, result;
	struct timespec time;

	epolling(thread.wrote && time_is_zero(timeout));
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
