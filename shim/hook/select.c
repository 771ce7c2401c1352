/* Hooks of select() and pselect(), by their names and by their numbers: as those of poll(). Sets
 * without a descriptor in them are no sets. */
#include <string.h>

#include "shim/base/clock.h"
#include "shim/export.h"
#include "shim/base/fault.h"
#include "shim/flow/flow.h"
#include "shim/flow/keep.h"
#include "shim/base/memory.h"
#include "shim/hook/raw.h"
#include "shim/hook/wait_time.h"
#include "shim/record/wait.h"

struct select_wait {
	int n;
	fd_set *to_read, *to_write, *to_except;
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
	return OURS(libc()->pselect(n, NULL, &copy, NULL, &at_once, NULL)) > 0;
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
		flow_turns_over();
}

/* The kernel writes over the sets: they are copied until something is ready, or the time is up. */
static bool copy_set(fd_set *copy, const fd_set *set)
{
	if (set && !memory_readable(set, sizeof(*set)))
		return false;
	if (set)
		memcpy(copy, set, sizeof(*copy));
	return true;
}

/* 1: something is ready, or a step cannot be made; 0: it is over; -1: errno. */
static int select_step(const struct select_wait *wait, int step, const sigset_t *mask)
{
	const struct timespec time = time_of_ms(step);
	fd_set to_read, to_write, to_except;

	if (wait->n < 0 || wait->n > FD_SETSIZE || !copy_set(&to_read, wait->to_read) ||
		!copy_set(&to_write, wait->to_write) || !copy_set(&to_except, wait->to_except)) {
		flow_keep_sleep();
		return 1;
	}
	return libc()->pselect(wait->n, wait->to_read ? &to_read : NULL,
		wait->to_write ? &to_write : NULL, wait->to_except ? &to_except : NULL, &time,
		mask);
}

/* Until the call itself is to be made, for what is left of the time. -1: errno. */
static int select_in_steps(const struct select_wait *wait, const struct timespec **timeout,
	struct timespec *time, const sigset_t *mask)
{
	int left = time_in_ms(*timeout), step, result = 0;

	while (result == 0 && (step = flow_keep_step(left)) != left) {
		result = select_step(wait, step, mask);
		if (result == 0)
			time_less_step(timeout, time, step);
		left = time_in_ms(*timeout);
	}
	return result < 0 ? -1 : 0;
}

static struct timespec timespec_of(const struct timeval *time)
{
	return (struct timespec){time->tv_sec, time->tv_usec * 1000};
}

static int select_now(const struct select_wait *wait, struct timeval *timeout)
{
	return real()->select(wait->n, wait->to_read, wait->to_write, wait->to_except, timeout);
}

/* What is left of it after so many ns, in the kernel's manner: in whole us, and never below 0. */
static struct timeval time_left(const struct timespec *time, uint64_t passed)
{
	int64_t ns = time->tv_nsec - (int64_t)(passed % 1000000000);
	time_t seconds = time->tv_sec - (time_t)(passed / 1000000000);

	if (ns < 0) {
		ns += 1000000000;
		seconds--;
	}
	if (seconds < 0)
		return (struct timeval){0, 0};
	return (struct timeval){seconds, ns / 1000};
}

/* With a time that it writes what is left into. A step that ends early, or is interrupted, has
 * taken some of it, too. */
static int select_for(const struct select_wait *wait, struct timeval *timeout)
{
	const struct timespec whole = timespec_of(timeout);
	const struct timespec *left = &whole;
	uint64_t began = clock_now();
	struct timespec time;
	int result = select_in_steps(wait, &left, &time, NULL);

	if (left == &time)
		*timeout = (struct timeval){time.tv_sec, time.tv_nsec / 1000};
	if (result == 0)
		result = select_now(wait, timeout);
	/* For less than that there are no steps. */
	if (result != 0 && time_in_ms(&whole) > 0)
		*timeout = time_left(&whole, clock_now() - began);
	return result;
}

/* While a flow is kept. Where what is left may not be written to, no step is made. */
static int select_kept(const struct select_wait *wait, struct timeval *timeout)
{
	const struct timespec *for_ever = NULL;

	if (timeout && memory_is_near(timeout, sizeof(*timeout)))
		return select_for(wait, timeout);
	if (timeout)
		flow_keep_sleep();
	else if (select_in_steps(wait, &for_ever, NULL, NULL) < 0)
		return -1;
	return select_now(wait, timeout);
}

static void select_begins(struct call_wait *call, const struct select_wait *wait, unsigned what)
{
	call_begin_wait(call, what, 0);
	if (__builtin_expect(call->recorded, 0))
		call_selecting_recorded(
			call, wait->n, wait->to_read, wait->to_write, wait->to_except);
}

static int select_ends(
	const struct call_wait *call, const struct select_wait *wait, int result, uint16_t ms)
{
	if (__builtin_expect(call->recorded, 0))
		call_waited_recorded(call, result, (uint64_t)wait->n, ms);
	return result;
}

/* ---- select ---- */

static bool is_zero(const struct timeval *timeout)
{
	return thread.wrote && control_on() && timeout &&
	       memory_readable(timeout, sizeof(*timeout)) && timeout->tv_sec == 0 &&
	       timeout->tv_usec == 0;
}

/* Before the call, which writes what is left over it. */
static uint16_t time_of(const struct call_wait *call, const struct timeval *timeout)
{
	struct timespec time;

	if (!call->recorded || !timeout || !memory_readable(timeout, sizeof(*timeout)))
		return WAIT_NEVER;
	time = timespec_of(timeout);
	return call_wait_time(&time);
}

EXPORT int select(int n, fd_set *restrict to_read, fd_set *restrict to_write,
	fd_set *restrict to_except, struct timeval *restrict timeout)
{
	const struct select_wait wait = {n, to_read, to_write, to_except};
	struct call_wait call;
	uint16_t ms;

	selecting(&wait, is_zero(timeout));
	select_begins(&call, &wait, TRACE_SELECT);
	ms = time_of(&call, timeout);
	return select_ends(&call, &wait,
		thread.kept && control_on() ? select_kept(&wait, timeout)
					    : select_now(&wait, timeout),
		ms);
}

static struct select_wait raw_sets(const struct raw *raw)
{
	return (struct select_wait){
		(int)raw->a[0], (fd_set *)raw->a[1], (fd_set *)raw->a[2], (fd_set *)raw->a[3]};
}

#ifdef __NR_select
long raw_select(const struct raw *raw)
{
	const struct timeval *timeout = (const struct timeval *)raw->a[4];
	const struct select_wait wait = raw_sets(raw);
	struct call_wait call;
	uint16_t ms;

	selecting(&wait, is_zero(timeout));
	select_begins(&call, &wait, TRACE_SELECT);
	ms = time_of(&call, timeout);
	return select_ends(&call, &wait, raw_waits_whole(raw), ms);
}
#endif

/* ---- pselect ---- */

static int pselect_whole(
	const struct select_wait *wait, const struct timespec *timeout, const sigset_t *mask)
{
	struct timespec time;

	if (thread.kept && select_in_steps(wait, &timeout, &time, mask) < 0)
		return -1;
	return real()->pselect(
		wait->n, wait->to_read, wait->to_write, wait->to_except, timeout, mask);
}

EXPORT int pselect(int n, fd_set *restrict to_read, fd_set *restrict to_write,
	fd_set *restrict to_except, const struct timespec *restrict timeout,
	const sigset_t *restrict mask)
{
	const struct select_wait wait = {n, to_read, to_write, to_except};
	struct call_wait call;
	int result;

	selecting(&wait, thread.wrote && time_is_zero(timeout));
	select_begins(&call, &wait, TRACE_PSELECT);
	result = pselect_whole(&wait, timeout, mask);
	return select_ends(
		&call, &wait, result, result >= 0 ? call_wait_time(timeout) : WAIT_NEVER);
}

/* Here the kernel writes over the time, which it does not by the name (glibc: pselect.c). */
long raw_pselect(const struct raw *raw)
{
	const struct timespec *timeout = (const struct timespec *)raw->a[4];
	const struct select_wait wait = raw_sets(raw);
	struct call_wait call;
	uint16_t ms = WAIT_NEVER;
	int result;

	selecting(&wait, thread.wrote && time_is_zero(timeout));
	select_begins(&call, &wait, TRACE_PSELECT);
	if (call.recorded && timeout && memory_readable(timeout, sizeof(*timeout)))
		ms = call_wait_time(timeout);
	result = raw_waits_whole(raw);
	return select_ends(&call, &wait, result, result >= 0 ? ms : WAIT_NEVER);
}
