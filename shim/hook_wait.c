/* Hooks of the calls that wait for readiness. A wait for room to write is no wait for an answer: it
 * leaves the turn open. While bytes are held, such a call is made without waiting first; only when
 * it would block are they let go. A call that does not wait, and asks for more than room, is a
 * probe: whoever makes it wants the peer to have what is held. Thin: flow.c keeps the turns.
 */
#include <string.h>

#include "clock.h"
#include "export.h"
#include "flow.h"
#include "memory.h"
#include "real.h"

/* Only after a call with these: the kernel has read them then. */
static bool waits_for_room_only(const struct pollfd *fds, nfds_t n)
{
	bool room = false;

	for (nfds_t i = 0; i < n; i++) {
		if (fds[i].events & ~(POLLOUT | POLLWRNORM | POLLWRBAND))
			return false;
		room = room || (fds[i].fd >= 0 && fds[i].events);
	}
	return room;
}

struct poll_wait {
	struct pollfd *fds;
	nfds_t n;
	const sigset_t *mask;
};

static int probe(const struct poll_wait *wait)
{
	static const struct timespec at_once;

	return wait->mask ? real()->ppoll(wait->fds, wait->n, &at_once, wait->mask)
			  : real()->poll(wait->fds, wait->n, 0);
}

/* While something is held. True: *result is the answer. False: the call may block now. */
static bool answered_without_waiting(const struct poll_wait *wait, int *result)
{
	*result = probe(wait);
	if (*result == 0) {
		flow_wait();
		return false;
	}
	if (*result < 0 || !waits_for_room_only(wait->fds, wait->n))
		flow_wait();
	return true;
}

/* After a call that was made while nothing was held: `began` is when. */
static int have_polled(const struct poll_wait *wait, uint64_t began, int result)
{
	if (result < 0 || !waits_for_room_only(wait->fds, wait->n))
		if (thread.wrote)
			flow_wait_slow(began);
	return result;
}

/* After a call that was not to wait. */
static int have_probed(const struct poll_wait *wait, int result)
{
	if (thread.held && result >= 0 && !waits_for_room_only(wait->fds, wait->n))
		flow_probe();
	return result;
}

static int flow_poll(
	int (*call)(struct pollfd *, nfds_t, int), struct pollfd *fds, nfds_t n, int timeout)
{
	const struct poll_wait wait = {.fds = fds, .n = n};
	int result;

	if (!thread.wrote || !control_on())
		return call(fds, n, timeout);
	if (timeout == 0)
		return have_probed(&wait, call(fds, n, timeout));
	if (!flow_holding())
		return have_polled(&wait, clock_now(), call(fds, n, timeout));
	if (answered_without_waiting(&wait, &result))
		return result;
	return call(fds, n, timeout);
}

EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return flow_poll(real()->poll, fds, n, timeout);
}

EXPORT int __poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return flow_poll(real()->__poll, fds, n, timeout);
}

EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room)
{
	/* Too little room ends the program; libc is to say so, at once. */
	if (room / sizeof(*fds) < n)
		return real()->__poll_chk(fds, n, timeout, room);
	return flow_poll(real()->poll, fds, n, timeout);
}

static bool is_zero(const struct timespec *timeout)
{
	return control_on() && timeout && memory_readable(timeout, sizeof(*timeout)) &&
	       timeout->tv_sec == 0 && timeout->tv_nsec == 0;
}

static int flow_ppoll(
	struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	const struct poll_wait wait = {.fds = fds, .n = n, .mask = mask};
	int result;

	if (!thread.wrote || !control_on())
		return real()->ppoll(fds, n, timeout, mask);
	if (is_zero(timeout))
		return have_probed(&wait, real()->ppoll(fds, n, timeout, mask));
	if (!flow_holding())
		return have_polled(&wait, clock_now(), real()->ppoll(fds, n, timeout, mask));
	if (answered_without_waiting(&wait, &result))
		return result;
	return real()->ppoll(fds, n, timeout, mask);
}

EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	return flow_ppoll(fds, n, timeout, mask);
}

EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	const sigset_t *mask, size_t room)
{
	if (room / sizeof(*fds) < n)
		return real()->__ppoll_chk(fds, n, timeout, mask, room);
	return flow_ppoll(fds, n, timeout, mask);
}

struct select_wait {
	int n;
	const fd_set *to_read, *to_write, *to_except;
};

/* Whether one of the first n is in the set. A program's own sets may be longer than fd_set; those
 * count as asking for something. */
static bool asks_for(int n, const fd_set *set)
{
	unsigned long word[sizeof(fd_set) / sizeof(long)], all = 0;
	int whole = n / (int)(8 * sizeof(long)), rest = n % (int)(8 * sizeof(long));

	if (!set || n <= 0)
		return false;
	if (n > FD_SETSIZE || !memory_readable(set, sizeof(*set)))
		return true;
	memcpy(word, set, sizeof(word));
	for (int i = 0; i < whole; i++)
		all |= word[i];
	return all || (rest && word[whole] & ((1ul << rest) - 1));
}

static bool selects_for_room_only(const struct select_wait *wait)
{
	return wait->to_write && !asks_for(wait->n, wait->to_read) &&
	       !asks_for(wait->n, wait->to_except);
}

/* Whether what is asked for is ready now. The kernel writes its answer over the set, so it gets a
 * copy; larger sets than fd_set count as not ready. */
static bool room_now(int n, const fd_set *to_write)
{
	static const struct timespec at_once;
	fd_set copy;

	if (n < 0 || n > FD_SETSIZE || !memory_readable(to_write, sizeof(copy)))
		return false;
	memcpy(&copy, to_write, sizeof(copy));
	return libc()->pselect(n, NULL, &copy, NULL, &at_once, NULL) > 0;
}

static void selecting(const struct select_wait *wait, bool probes)
{
	if (!thread.wrote || !control_on() || (probes && !thread.held))
		return;
	if (selects_for_room_only(wait) &&
		(probes || !flow_holding() || room_now(wait->n, wait->to_write)))
		return;
	if (probes)
		flow_probe();
	else
		flow_wait();
}

EXPORT int select(int n, fd_set *restrict to_read, fd_set *restrict to_write,
	fd_set *restrict to_except, struct timeval *restrict timeout)
{
	bool probes = thread.wrote && control_on() && timeout &&
		      memory_readable(timeout, sizeof(*timeout)) && timeout->tv_sec == 0 &&
		      timeout->tv_usec == 0;

	selecting(&(struct select_wait){n, to_read, to_write, to_except}, probes);
	return real()->select(n, to_read, to_write, to_except, timeout);
}

EXPORT int pselect(int n, fd_set *restrict to_read, fd_set *restrict to_write,
	fd_set *restrict to_except, const struct timespec *restrict timeout,
	const sigset_t *restrict mask)
{
	selecting(&(struct select_wait){n, to_read, to_write, to_except},
		thread.wrote && is_zero(timeout));
	return real()->pselect(n, to_read, to_write, to_except, timeout, mask);
}

/* Before the call: what it asks for is not told. */
static void epolling(bool probes)
{
	if (probes)
		flow_probe();
	else
		flow_wait();
}

EXPORT int epoll_wait(int epfd, struct epoll_event *events, int max, int timeout)
{
	epolling(timeout == 0);
	return real()->epoll_wait(epfd, events, max, timeout);
}

EXPORT int epoll_pwait(
	int epfd, struct epoll_event *events, int max, int timeout, const sigset_t *mask)
{
	epolling(timeout == 0);
	return real()->epoll_pwait(epfd, events, max, timeout, mask);
}

EXPORT int epoll_pwait2(int epfd, struct epoll_event *events, int max,
	const struct timespec *timeout, const sigset_t *mask)
{
	epolling(thread.wrote && is_zero(timeout));
	return real()->epoll_pwait2(epfd, events, max, timeout, mask);
}
