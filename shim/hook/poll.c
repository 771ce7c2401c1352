/* Hooks of poll() and its kin. A wait for room to write is no wait for an answer: it
 * leaves the turn open. While bytes are held, such a call is made without waiting first; only when
 * it would block are they let go. A call that does not wait, and asks for more than room, is a
 * probe: whoever makes it wants the peer to have what is held. Thin: flow.c keeps the turns.
 */
#include "shim/base/clock.h"
#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/flow/keep.h"
#include "shim/real.h"
#include "shim/hook/wait_time.h"

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

/* poll() under one of its names, or ppoll(). */
struct poll_wait {
	int (*call)(struct pollfd *, nfds_t, int);
	struct pollfd *fds;
	nfds_t n;
	const sigset_t *mask;
};

static int poll_for(const struct poll_wait *wait, const struct timespec *timeout)
{
	return real()->ppoll(wait->fds, wait->n, timeout, wait->mask);
}

static int poll_in_steps(const struct poll_wait *wait, int timeout)
{
	int step, result;

	while ((step = flow_keep_step(timeout)) != timeout) {
		result = wait->call(wait->fds, wait->n, step);
		if (result != 0)
			return result;
		if (timeout > 0)
			timeout -= step;
	}
	return wait->call(wait->fds, wait->n, timeout);
}

static int ppoll_in_steps(const struct poll_wait *wait, const struct timespec *timeout)
{
	int left = time_in_ms(timeout), step, result;
	struct timespec time;

	while ((step = flow_keep_step(left)) != left) {
		const struct timespec first = time_of_ms(step);

		result = poll_for(wait, &first);
		if (result != 0)
			return result;
		time_less_step(&timeout, &time, step);
		left = time_in_ms(timeout);
	}
	return poll_for(wait, timeout);
}

static int probe(const struct poll_wait *wait)
{
	static const struct timespec at_once;

	return wait->call ? wait->call(wait->fds, wait->n, 0) : poll_for(wait, &at_once);
}

/* While something is held. True: *result is the answer. False: the call may block now. */
static bool answered_without_waiting(const struct poll_wait *wait, int *result)
{
	*result = probe(wait);
	if (*result == 0) {
		flow_turns_over();
		return false;
	}
	if (*result < 0 || !waits_for_room_only(wait->fds, wait->n))
		flow_turns_over();
	return true;
}

/* After a call that was made while nothing was held: `began` is when. */
static int have_polled(const struct poll_wait *wait, uint64_t began, int result)
{
	if (thread.wrote && (result < 0 || !waits_for_room_only(wait->fds, wait->n)))
		flow_turns_over_slow(began);
	return result;
}

/* After a call that was not to wait. */
static int have_probed(const struct poll_wait *wait, int result)
{
	if (thread.held && result >= 0 && !waits_for_room_only(wait->fds, wait->n))
		flow_probe();
	flow_keep_look();
	return result;
}

static bool is_busy(void)
{
	return (thread.wrote || thread.kept) && control_on();
}

static uint64_t began(void)
{
	return thread.wrote ? clock_now() : 0;
}

static int flow_poll(const struct poll_wait *wait, int timeout)
{
	int result;

	if (!is_busy())
		return wait->call(wait->fds, wait->n, timeout);
	if (timeout == 0)
		return have_probed(wait, probe(wait));
	if (!thread.wrote || !flow_holding())
		return have_polled(wait, began(), poll_in_steps(wait, timeout));
	if (answered_without_waiting(wait, &result))
		return result;
	return poll_in_steps(wait, timeout);
}

static int flow_ppoll(const struct poll_wait *wait, const struct timespec *timeout)
{
	int result;

	if (!is_busy())
		return poll_for(wait, timeout);
	if (time_is_zero(timeout))
		return have_probed(wait, poll_for(wait, timeout));
	if (!thread.wrote || !flow_holding())
		return have_polled(wait, began(), ppoll_in_steps(wait, timeout));
	if (answered_without_waiting(wait, &result))
		return result;
	return ppoll_in_steps(wait, timeout);
}

EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return flow_poll(&(struct poll_wait){real()->poll, fds, n, NULL}, timeout);
}

EXPORT int __poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return flow_poll(&(struct poll_wait){real()->__poll, fds, n, NULL}, timeout);
}

/* Too little room ends the program; libc is to say so, at once. */
static bool has_room_for(size_t room, nfds_t n)
{
	return room / sizeof(struct pollfd) >= n;
}

EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room)
{
	return has_room_for(room, n)
		       ? flow_poll(&(struct poll_wait){real()->poll, fds, n, NULL}, timeout)
		       : real()->__poll_chk(fds, n, timeout, room);
}

EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	return flow_ppoll(&(struct poll_wait){NULL, fds, n, mask}, timeout);
}

EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	const sigset_t *mask, size_t room)
{
	return has_room_for(room, n) ? flow_ppoll(&(struct poll_wait){NULL, fds, n, mask}, timeout)
				     : real()->__ppoll_chk(fds, n, timeout, mask, room);
}
