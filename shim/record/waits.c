/* Recorded waits, with the flows that they covered: only once the process has a connection. Must
 * not look at memory of the program that the kernel has not looked at, unless it can be read. */
#include <string.h>

#include "shim/base/memory.h"
#include "shim/record/calls.h"
#include "shim/record/epoll.h"
#include "shim/record/io.h"

#define COVERED 12u /* flows; a wait for more says nothing about one */
#define LOOKED	64u /* descriptors that are looked at to find them */
#define NEVER	65535u

struct covers {
	uint32_t flow[COVERED];
	unsigned count; /* more than COVERED: too many to tell */
};

static bool records(void)
{
	return trace_file_ready() && control_on();
}

static void cover(struct covers *covers, int fd)
{
	const struct flow *flow = trace_flow_of(fd);

	if (!flow || atomic_load(&trace_of(flow)->id) != atomic_load(&trace_self->id) ||
		!trace_of(flow)->number)
		return;
	if (covers->count < COVERED)
		covers->flow[covers->count] = trace_of(flow)->number;
	covers->count++;
}

static uint16_t milliseconds(const struct timespec *timeout)
{
	uint64_t ms;

	if (!timeout)
		return NEVER;
	ms = (uint64_t)timeout->tv_sec * 1000 + (uint64_t)timeout->tv_nsec / 1000000;
	/* Less than one, but not nothing. */
	if (ms == 0 && timeout->tv_nsec)
		ms = 1;
	return ms < NEVER ? (uint16_t)ms : NEVER - 1;
}

static uint16_t of_int(int timeout)
{
	return timeout < 0 ? NEVER : timeout < (int)NEVER ? (uint16_t)timeout : NEVER - 1;
}

/* The call begins. */
static uint64_t waits(unsigned call, int set)
{
	const uint64_t start = trace_clock();

	trace_waits(call, 0, set, start);
	return start;
}

static int waited(unsigned call, uint64_t start, int result, uint64_t asked, uint16_t timeout,
	int set, const struct covers *covers)
{
	struct trace_note note = {.call = (uint8_t)call,
		.flags = timeout == 0 ? EVENT_NONBLOCK : 0,
		.extra = timeout,
		.set = (uint16_t)set,
		.error = result < 0 ? errno : 0,
		.start = start,
		.end = trace_clock(),
		.asked = asked,
		.done = result > 0 ? (uint64_t)result : 0};

	trace_add(&note);
	if (covers->count && covers->count <= COVERED)
		trace_add_covers(covers->flow, covers->count);
	return result;
}

/* ---- poll ---- */

static int polled(unsigned call, uint64_t start, int result, const struct pollfd *fds, nfds_t n,
	uint16_t timeout)
{
	struct covers covers = {.count = 0};

	/* A signal ends a wait for what the kernel has read. */
	if ((result >= 0 || errno == EINTR) && n <= LOOKED && !trace_counters)
		for (nfds_t i = 0; i < n; i++)
			cover(&covers, fds[i].fd);
	return waited(call, start, result, n, timeout, 0, &covers);
}

static int traced_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	uint64_t start;

	if (!records())
		return libc()->poll(fds, n, timeout);
	start = waits(TRACE_POLL, 0);
	return polled(TRACE_POLL, start, libc()->poll(fds, n, timeout), fds, n, of_int(timeout));
}

static int traced___poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return traced_poll(fds, n, timeout);
}

static int traced_ppoll(
	struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	uint64_t start = waits(TRACE_PPOLL, 0);
	int result = libc()->ppoll(fds, n, timeout, mask);

	if (!records())
		return result;
	return polled(
		TRACE_PPOLL, start, result, fds, n, result >= 0 ? milliseconds(timeout) : NEVER);
}

/* ---- select ---- */

struct sets {
	fd_set all;
	int n;
};

static void sets_add(struct sets *sets, const fd_set *set)
{
	size_t words = ((size_t)sets->n + 63) / 64;

	if (!set || !memory_readable(set, words * sizeof(uint64_t)))
		return;
	for (size_t i = 0; i < words; i++)
		((uint64_t *)&sets->all)[i] |= ((const uint64_t *)set)[i];
}

/* Before the call: the kernel writes its answer over the sets. */
static void sets_cover(struct sets *sets, int n, const fd_set *to_read, const fd_set *to_write,
	const fd_set *to_except, struct covers *covers)
{
	sets->n = n;
	if (trace_counters || n <= 0 || n > FD_SETSIZE)
		return;
	memset(&sets->all, 0, sizeof(sets->all));
	sets_add(sets, to_read);
	sets_add(sets, to_write);
	sets_add(sets, to_except);
	for (int fd = 0; fd < n; fd++)
		if (FD_ISSET(fd, &sets->all))
			cover(covers, fd);
}

static int traced_select(int n, fd_set *restrict to_read, fd_set *restrict to_write,
	fd_set *restrict to_except, struct timeval *restrict timeout)
{
	struct covers covers = {.count = 0};
	struct sets sets;
	uint16_t limit = NEVER;
	uint64_t start;
	int result;

	if (!records())
		return libc()->select(n, to_read, to_write, to_except, timeout);
	sets_cover(&sets, n, to_read, to_write, to_except, &covers);
	if (timeout && memory_readable(timeout, sizeof(*timeout)))
		limit = milliseconds(
			&(struct timespec){timeout->tv_sec, (long)timeout->tv_usec * 1000});
	start = waits(TRACE_SELECT, 0);
	result = libc()->select(n, to_read, to_write, to_except, timeout);
	return waited(TRACE_SELECT, start, result, (uint64_t)n, limit, 0, &covers);
}

static int traced_pselect(int n, fd_set *restrict to_read, fd_set *restrict to_write,
	fd_set *restrict to_except, const struct timespec *restrict timeout,
	const sigset_t *restrict mask)
{
	struct covers covers = {.count = 0};
	struct sets sets;
	uint64_t start;
	int result;

	if (!records())
		return libc()->pselect(n, to_read, to_write, to_except, timeout, mask);
	sets_cover(&sets, n, to_read, to_write, to_except, &covers);
	start = waits(TRACE_PSELECT, 0);
	result = libc()->pselect(n, to_read, to_write, to_except, timeout, mask);
	return waited(TRACE_PSELECT, start, result, (uint64_t)n,
		result >= 0 ? milliseconds(timeout) : NEVER, 0, &covers);
}

/* ---- epoll ---- */

/* Also while there is no file yet: most are told before the first connection. */
static int traced_epoll_ctl(int epfd, int operation, int fd, struct epoll_event *event)
{
	int result = libc()->epoll_ctl(epfd, operation, fd, event);

	if (result == 0 && !trace_counters)
		trace_epoll_learn(epfd, operation, fd, event);
	return result;
}

/* What is ready. */
static int epolled(unsigned call, uint64_t start, int result, int epfd,
	const struct epoll_event *events, int max, uint16_t timeout)
{
	struct covers covers = {.count = 0};

	for (int i = 0; i < result && result <= (int)LOOKED && !trace_counters; i++)
		cover(&covers, trace_epoll_fd(epfd, &events[i]));
	return waited(call, start, result, (uint64_t)max, timeout, epfd, &covers);
}

static int traced_epoll_wait(int epfd, struct epoll_event *events, int max, int timeout)
{
	uint64_t start;

	if (!records())
		return libc()->epoll_wait(epfd, events, max, timeout);
	start = waits(TRACE_EPOLL_WAIT, epfd);
	return epolled(TRACE_EPOLL_WAIT, start, libc()->epoll_wait(epfd, events, max, timeout),
		epfd, events, max, of_int(timeout));
}

static int traced_epoll_pwait(
	int epfd, struct epoll_event *events, int max, int timeout, const sigset_t *mask)
{
	uint64_t start;

	if (!records())
		return libc()->epoll_pwait(epfd, events, max, timeout, mask);
	start = waits(TRACE_EPOLL_PWAIT, epfd);
	return epolled(TRACE_EPOLL_PWAIT, start,
		libc()->epoll_pwait(epfd, events, max, timeout, mask), epfd, events, max,
		of_int(timeout));
}

static int traced_epoll_pwait2(int epfd, struct epoll_event *events, int max,
	const struct timespec *timeout, const sigset_t *mask)
{
	uint64_t start;
	int result;

	if (!records())
		return libc()->epoll_pwait2(epfd, events, max, timeout, mask);
	start = waits(TRACE_EPOLL_PWAIT2, epfd);
	result = libc()->epoll_pwait2(epfd, events, max, timeout, mask);
	return epolled(TRACE_EPOLL_PWAIT2, start, result, epfd, events, max,
		result >= 0 ? milliseconds(timeout) : NEVER);
}

void trace_waits_install(struct real *table)
{
	TRACE_INSTALL(table, poll);
	TRACE_INSTALL(table, __poll);
	TRACE_INSTALL(table, ppoll);
	TRACE_INSTALL(table, select);
	TRACE_INSTALL(table, pselect);
	TRACE_INSTALL(table, epoll_ctl);
	TRACE_INSTALL(table, epoll_wait);
	TRACE_INSTALL(table, epoll_pwait);
	TRACE_INSTALL(table, epoll_pwait2);
}
