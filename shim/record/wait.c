/* Recorded waits, with the flows that they covered: only once the process has a connection. Must
 * not look at memory of the program that the kernel has not looked at, unless it can be read. */
#include "shim/record/wait.h"

#include <errno.h>
#include <string.h>

#include "shim/base/memory.h"
#include "shim/record/call.h"
#include "shim/record/epoll.h"

#define LOOKED 64u /* descriptors that are looked at to find the flows of a wait */

static void cover(struct call_wait *wait, int fd)
{
	const struct flow *flow = call_flow_of(fd);

	if (!flow || !trace_has_place(flow) || !trace_of(flow)->number)
		return;
	if (wait->covers < WAIT_COVERED)
		wait->flow[wait->covers] = trace_of(flow)->number;
	wait->covers++;
}

uint16_t call_wait_time(const struct timespec *timeout)
{
	uint64_t ms;

	if (!timeout)
		return WAIT_NEVER;
	ms = (uint64_t)timeout->tv_sec * 1000 + (uint64_t)timeout->tv_nsec / 1000000;
	/* Less than one, but not nothing. */
	if (ms == 0 && timeout->tv_nsec)
		ms = 1;
	return ms < WAIT_NEVER ? (uint16_t)ms : WAIT_NEVER - 1;
}

void call_wait_recorded(struct call_wait *wait, unsigned what, int set)
{
	wait->recorded = trace_file_ready() && control_on();
	if (!wait->recorded)
		return;
	wait->what = (uint8_t)what;
	wait->covers = 0;
	wait->set = set;
	wait->start = trace_clock();
	trace_waits(what, 0, set, wait->start);
}

void call_waited_recorded(
	const struct call_wait *wait, int result, uint64_t asked, uint16_t timeout)
{
	struct trace_note note = {.call = wait->what,
		.flags = timeout == 0 ? EVENT_NONBLOCK : 0,
		.extra = timeout,
		.set = (uint16_t)wait->set,
		.error = result < 0 ? errno : 0,
		.start = wait->start,
		.end = trace_clock(),
		.asked = asked,
		.done = result > 0 ? (uint64_t)result : 0};

	trace_add(&note);
	if (wait->covers && wait->covers <= WAIT_COVERED)
		trace_add_covers(wait->flow, wait->covers);
}

/* A signal ends a wait for what the kernel has read. */
void call_polled_recorded(
	struct call_wait *wait, int result, const struct pollfd *fds, nfds_t n, uint16_t timeout)
{
	if ((result >= 0 || errno == EINTR) && n <= LOOKED && !trace_counters)
		for (nfds_t i = 0; i < n; i++)
			cover(wait, fds[i].fd);
	call_waited_recorded(wait, result, n, timeout);
}

/* ---- select ---- */

static void sets_add(fd_set *all, int n, const fd_set *set)
{
	size_t words = ((size_t)n + 63) / 64;

	if (!set || !memory_readable(set, words * sizeof(uint64_t)))
		return;
	for (size_t i = 0; i < words; i++)
		((uint64_t *)all)[i] |= ((const uint64_t *)set)[i];
}

void call_selecting_recorded(struct call_wait *wait, int n, const fd_set *to_read,
	const fd_set *to_write, const fd_set *to_except)
{
	fd_set all;

	if (trace_counters || n <= 0 || n > FD_SETSIZE)
		return;
	memset(&all, 0, sizeof(all));
	sets_add(&all, n, to_read);
	sets_add(&all, n, to_write);
	sets_add(&all, n, to_except);
	for (int fd = 0; fd < n; fd++)
		if (FD_ISSET(fd, &all))
			cover(wait, fd);
}

/* ---- epoll ---- */

void call_epolled_recorded(struct call_wait *wait, int result, const struct epoll_event *events,
	int max, uint16_t timeout)
{
	for (int i = 0; i < result && result <= (int)LOOKED && !trace_counters; i++)
		cover(wait, trace_epoll_fd(wait->set, &events[i]));
	call_waited_recorded(wait, result, (uint64_t)max, timeout);
}

/* Also while there is no file yet: most are told before the first connection. */
void call_set_told(int epfd, int operation, int fd, const struct epoll_event *event, int result)
{
	if (trace_is_on() && result == 0 && !trace_counters)
		trace_epoll_learn(epfd, operation, fd, event);
}
