/* Hooks of poll() and its kin, by their names and by their numbers. A wait for room to write is no
 * wait for an answer: it leaves the turn open. While bytes are held, such a call is made without
 * waiting first; only when it would block are they let go. A call that does not wait, and asks for
 * more than room, is a probe: whoever makes it wants the peer to have what is held. Thin: flow.c
 * keeps the turns.
 */
#include "shim/base/clock.h"
#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/flow/keep.h"
#include "shim/hook/raw.h"
#include "shim/hook/wait_time.h"
#include "shim/record/wait.h"

struct poll_wait {
	struct pollfd *fds;
	nfds_t n;
	int ms;				/* of poll() */
	const struct timespec *timeout; /* of ppoll() */
	const sigset_t *mask;
	const struct raw *raw; /* NULL: it was called by its name */
	const struct poll_way *way;
};

struct poll_way {
	uint8_t what; /* enum trace_call */
	int (*at_once)(const struct poll_wait *);
	/* With its own time; in steps while a flow is kept. */
	int (*whole)(const struct poll_wait *);
};

/* ---- the call itself ---- */

static int poll_at_once(const struct poll_wait *wait)
{
	return real()->poll(wait->fds, wait->n, 0);
}

static int poll_whole(const struct poll_wait *wait)
{
	int left = wait->ms, step, result;

	while ((step = flow_keep_step(left)) != left) {
		result = real()->poll(wait->fds, wait->n, step);
		if (result != 0)
			return result;
		if (left > 0)
			left -= step;
	}
	return real()->poll(wait->fds, wait->n, left);
}

static int ppoll_at_once(const struct poll_wait *wait)
{
	static const struct timespec at_once;

	return real()->ppoll(wait->fds, wait->n, &at_once, wait->mask);
}

static int ppoll_whole(const struct poll_wait *wait)
{
	const struct timespec *timeout = wait->timeout;
	int left = thread.kept ? time_in_ms(timeout) : 0, step, result;
	struct timespec time;

	while ((step = flow_keep_step(left)) != left) {
		const struct timespec first = time_of_ms(step);

		result = real()->ppoll(wait->fds, wait->n, &first, wait->mask);
		if (result != 0)
			return result;
		time_less_step(&timeout, &time, step);
		left = time_in_ms(timeout);
	}
	return real()->ppoll(wait->fds, wait->n, timeout, wait->mask);
}

/* The kernel writes what is left of the time over it. */
static int raw_at_once(const struct poll_wait *wait)
{
	struct timespec at_once = {0, 0};

	return (int)real()->syscall(SYS_ppoll, wait->fds, wait->n, &at_once, wait->mask,
		wait->mask ? wait->raw->a[4] : 0);
}

static int raw_whole(const struct poll_wait *wait)
{
	return raw_waits_whole(wait->raw);
}

/* ---- around it ---- */

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

/* While something is held. True: *result is the answer. False: the call may block now. */
static bool answered_without_waiting(const struct poll_wait *wait, int *result)
{
	*result = wait->way->at_once(wait);
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

static bool is_at_once(const struct poll_wait *wait)
{
	return wait->way->what == TRACE_POLL ? wait->ms == 0 : time_is_zero(wait->timeout);
}

/* By the call itself, at once: one without waiting would hide it. */
static bool is_to_be_refused(const struct poll_wait *wait)
{
	return wait->way->what == TRACE_PPOLL && !time_is_valid(wait->timeout);
}

static int flow_poll(const struct poll_wait *wait)
{
	int result;

	if (!is_busy())
		return wait->way->whole(wait);
	if (is_at_once(wait))
		return have_probed(wait, wait->way->at_once(wait));
	if (!thread.wrote || !flow_holding() || is_to_be_refused(wait))
		return have_polled(wait, began(), wait->way->whole(wait));
	if (answered_without_waiting(wait, &result))
		return result;
	return wait->way->whole(wait);
}

/* By its number the kernel writes over the time of ppoll(): it is looked at before the call. */
static uint16_t time_before(const struct poll_wait *wait)
{
	bool readable = wait->timeout && memory_readable(wait->timeout, sizeof(*wait->timeout));

	return readable ? call_wait_time(wait->timeout) : WAIT_NEVER;
}

/* By its name it can be read once the kernel has. */
static uint16_t time_of(const struct poll_wait *wait, int result, uint16_t before)
{
	if (wait->way->what == TRACE_POLL)
		return call_wait_ms(wait->ms);
	if (result < 0)
		return WAIT_NEVER;
	return wait->raw ? before : call_wait_time(wait->timeout);
}

/* Whether the call itself is all that is left to do. */
static inline bool is_plain(void)
{
	return !thread.wrote && !thread.kept && !trace_is_on();
}

static int poll_any(const struct poll_wait *wait)
{
	struct call_wait call;
	uint16_t before = WAIT_NEVER;
	int result;

	call_begin_wait(&call, wait->way->what, 0);
	if (call.recorded && wait->raw)
		before = time_before(wait);
	result = flow_poll(wait);
	if (__builtin_expect(call.recorded, 0))
		call_polled_recorded(
			&call, result, wait->fds, wait->n, time_of(wait, result, before));
	return result;
}

/* ---- the names and the numbers ---- */

static APART int poll_named(struct pollfd *fds, nfds_t n, int timeout)
{
	static const struct poll_way way = {TRACE_POLL, poll_at_once, poll_whole};

	return poll_any(&(struct poll_wait){.fds = fds, .n = n, .ms = timeout, .way = &way});
}

EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return is_plain() ? real()->poll(fds, n, timeout) : poll_named(fds, n, timeout);
}

EXPORT int __poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return is_plain() ? real()->poll(fds, n, timeout) : poll_named(fds, n, timeout);
}

#ifdef __NR_poll
long raw_poll(const struct raw *raw)
{
	static const struct poll_way way = {TRACE_POLL, raw_at_once, raw_whole};

	return poll_any(&(struct poll_wait){.fds = (struct pollfd *)raw->a[0],
		.n = (nfds_t)raw->a[1],
		.ms = (int)raw->a[2],
		.raw = raw,
		.way = &way});
}
#endif

static int ppoll_named(
	struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	static const struct poll_way way = {TRACE_PPOLL, ppoll_at_once, ppoll_whole};

	return poll_any(&(struct poll_wait){
		.fds = fds, .n = n, .timeout = timeout, .mask = mask, .way = &way});
}

EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	return ppoll_named(fds, n, timeout, mask);
}

long raw_ppoll(const struct raw *raw)
{
	static const struct poll_way way = {TRACE_PPOLL, raw_at_once, raw_whole};

	return poll_any(&(struct poll_wait){.fds = (struct pollfd *)raw->a[0],
		.n = (nfds_t)raw->a[1],
		.timeout = (const struct timespec *)raw->a[2],
		.mask = (const sigset_t *)raw->a[3],
		.raw = raw,
		.way = &way});
}

/* Too little room ends the program; libc is to say so, at once. */
static bool has_room_for(size_t room, nfds_t n)
{
	return room / sizeof(struct pollfd) >= n;
}

EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room)
{
	return has_room_for(room, n) ? poll_named(fds, n, timeout)
				     : real()->__poll_chk(fds, n, timeout, room);
}

EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	const sigset_t *mask, size_t room)
{
	return has_room_for(room, n) ? ppoll_named(fds, n, timeout, mask)
				     : real()->__ppoll_chk(fds, n, timeout, mask, room);
}
