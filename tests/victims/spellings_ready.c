/* Calls that wait for descriptors, by name or by number; none does for long. */
#include "tests/victims/spellings.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

static const struct timespec moment = {0, 1000000}, long_time = {1000, 0}, at_once;

/* What is left of the time that was given. Of a long one nothing need have gone by; of a short one
 * all has: where the call writes that over it, nothing is left. */
static void tell_left(long seconds, long parts, bool is_written)
{
	bool up = seconds == 0 && parts == 0;

	mark("the time is %s", seconds >= 999 || up == is_written ? "right" : "wrong");
}

/* ---- poll, ppoll ---- */

static int tube[2];

static void make_tube(void)
{
	NEED(pipe(tube) == 0);
}

static void make_full_tube(void)
{
	make_tube();
	NEED(RAW3(SYS_write, tube[1], "x", 1) == 1);
}

static struct pollfd *entry_of(int of, short events)
{
	static struct pollfd entry;

	entry = (struct pollfd){of, events, 0};
	return &entry;
}

static long poll_for(int of, short events, int ms)
{
	return BY(poll(entry_of(of, events), 1, ms), SYS_poll, entry_of(of, events), 1, ms);
}

static long by_poll_room(void)
{
	return poll_for(fd, POLLOUT, 1000);
}

static long by_poll_probe(void)
{
	return poll_for(fd, POLLIN, 0);
}

static long by_poll(void)
{
	return poll_for(fd, POLLIN, 1);
}

static long by_poll_ready(void)
{
	return poll_for(tube[0], POLLIN, 1000);
}

static long by_poll_bad(void)
{
	return BY(poll((void *)nowhere, 1, 1), SYS_poll, nowhere, 1, 1);
}

static long ppoll_for(int of, short events, const struct timespec *timeout)
{
	struct timespec time = *timeout;
	long result = BY(ppoll(entry_of(of, events), 1, &time, NULL), SYS_ppoll,
		entry_of(of, events), 1, &time, NULL, MASK_SIZE);
	int saved = errno;

	if (timeout->tv_sec || timeout->tv_nsec)
		tell_left(time.tv_sec, time.tv_nsec, by_number);
	errno = saved;
	return result;
}

static long by_ppoll_room(void)
{
	return ppoll_for(fd, POLLOUT, &long_time);
}

static long by_ppoll_probe(void)
{
	return ppoll_for(fd, POLLIN, &at_once);
}

static long by_ppoll(void)
{
	return ppoll_for(fd, POLLIN, &moment);
}

static long by_ppoll_ready(void)
{
	return ppoll_for(tube[0], POLLIN, &long_time);
}

static const struct timespec bad_time = {0, -1};

static long by_ppoll_bad(void)
{
	return BY(ppoll(entry_of(fd, POLLOUT), 1, &bad_time, NULL), SYS_ppoll,
		entry_of(fd, POLLOUT), 1, &bad_time, NULL, MASK_SIZE);
}

/* ---- select, pselect ---- */

struct sets {
	fd_set to_read, to_write;
};

static struct sets sets_of(int to_read, int to_write)
{
	struct sets sets;

	FD_ZERO(&sets.to_read);
	FD_ZERO(&sets.to_write);
	if (to_read >= 0)
		FD_SET(to_read, &sets.to_read);
	if (to_write >= 0)
		FD_SET(to_write, &sets.to_write);
	return sets;
}

static long select_for(int to_read, int to_write, const struct timeval *timeout)
{
	struct sets sets = sets_of(to_read, to_write);
	struct timeval time = *timeout;
	long result = BY(select(FD_SETSIZE, &sets.to_read, &sets.to_write, NULL, &time), SYS_select,
		FD_SETSIZE, &sets.to_read, &sets.to_write, NULL, &time);
	int saved = errno;

	if (timeout->tv_sec || timeout->tv_usec)
		tell_left(time.tv_sec, time.tv_usec, true);
	errno = saved;
	return result;
}

static long by_select_room(void)
{
	return select_for(-1, fd, &(struct timeval){1000, 0});
}

static long by_select_probe(void)
{
	return select_for(fd, -1, &(struct timeval){0, 0});
}

static long by_select(void)
{
	return select_for(fd, -1, &(struct timeval){0, 1000});
}

static long by_select_ready(void)
{
	return select_for(tube[0], -1, &(struct timeval){1000, 0});
}

static long pselect_for(int to_read, int to_write, const struct timespec *timeout)
{
	struct sets sets = sets_of(to_read, to_write);
	struct timespec time = *timeout;
	long result = BY(pselect(FD_SETSIZE, &sets.to_read, &sets.to_write, NULL, &time, NULL),
		SYS_pselect6, FD_SETSIZE, &sets.to_read, &sets.to_write, NULL, &time, NULL);
	int saved = errno;

	if (timeout->tv_sec || timeout->tv_nsec)
		tell_left(time.tv_sec, time.tv_nsec, by_number);
	errno = saved;
	return result;
}

static long by_pselect_room(void)
{
	return pselect_for(-1, fd, &long_time);
}

static long by_pselect_probe(void)
{
	return pselect_for(fd, -1, &at_once);
}

static long by_pselect(void)
{
	return pselect_for(fd, -1, &moment);
}

static long by_pselect_ready(void)
{
	return pselect_for(tube[0], -1, &long_time);
}

static long by_pselect_bad(void)
{
	struct sets sets = sets_of(-1, fd);

	return BY(pselect(FD_SETSIZE, NULL, &sets.to_write, NULL, &bad_time, NULL), SYS_pselect6,
		FD_SETSIZE, NULL, &sets.to_write, NULL, &bad_time, NULL);
}

/* ---- epoll ---- */

static int set;
static struct epoll_event found;

static void make_set(void)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	NEED((set = epoll_create1(0)) >= 0 && epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0);
}

static void make_empty_set(void)
{
	NEED((set = epoll_create1(0)) >= 0);
}

/* What is told is seen in the recording of the wait that follows: it finds fd. */
static long by_epoll_ctl(void)
{
	struct epoll_event event = {.events = EPOLLOUT, .data.fd = fd};
	long result = BY(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event), SYS_epoll_ctl, set,
		EPOLL_CTL_ADD, fd, &event);

	mark("#told %d", unsent(fd) > 0);
	return result * 10 + epoll_wait(set, &found, 1, 1);
}

static long epoll_for(int ms)
{
	return BY(epoll_wait(set, &found, 1, ms), SYS_epoll_wait, set, &found, 1, ms);
}

static long by_epoll_wait_probe(void)
{
	return epoll_for(0);
}

static long by_epoll_wait(void)
{
	return epoll_for(1);
}

static long epoll_p_for(int ms)
{
	return BY(epoll_pwait(set, &found, 1, ms, NULL), SYS_epoll_pwait, set, &found, 1, ms, NULL,
		MASK_SIZE);
}

static long by_epoll_pwait_probe(void)
{
	return epoll_p_for(0);
}

static long by_epoll_pwait(void)
{
	return epoll_p_for(1);
}

static long epoll_p2_for(const struct timespec *timeout)
{
	return BY(epoll_pwait2(set, &found, 1, timeout, NULL), SYS_epoll_pwait2, set, &found, 1,
		timeout, NULL, MASK_SIZE);
}

static long by_epoll_pwait2_probe(void)
{
	return epoll_p2_for(&at_once);
}

static long by_epoll_pwait2(void)
{
	return epoll_p2_for(&moment);
}

/* ---- ended by a signal ---- */

static long wait_poll(void)
{
	return poll_for(fd, POLLIN, 1000000);
}

static long by_poll_interrupted(void)
{
	return interrupted(wait_poll);
}

static long wait_ppoll(void)
{
	return ppoll_for(fd, POLLIN, &long_time);
}

static long by_ppoll_interrupted(void)
{
	return interrupted(wait_ppoll);
}

static long wait_select(void)
{
	return select_for(fd, -1, &(struct timeval){1000, 0});
}

static long by_select_interrupted(void)
{
	return interrupted(wait_select);
}

static long wait_pselect(void)
{
	return pselect_for(fd, -1, &long_time);
}

static long by_pselect_interrupted(void)
{
	return interrupted(wait_pselect);
}

static long wait_epoll(void)
{
	return epoll_for(1000000);
}

static long by_epoll_wait_interrupted(void)
{
	return interrupted(wait_epoll);
}

static long wait_epoll2(void)
{
	return epoll_p2_for(&long_time);
}

static long by_epoll_pwait2_interrupted(void)
{
	return interrupted(wait_epoll2);
}

static const struct story stories[] = {
	{"poll-room", by_poll_room, 0, NULL, NULL},
	{"poll-probe", by_poll_probe, 0, NULL, NULL},
	{"poll", by_poll, 0, NULL, NULL},
	{"poll-ready", by_poll_ready, 0, make_full_tube, NULL},
	{"poll-bad", by_poll_bad, 0, NULL, NULL},
	{"ppoll-room", by_ppoll_room, 0, NULL, NULL},
	{"ppoll-probe", by_ppoll_probe, 0, NULL, NULL},
	{"ppoll", by_ppoll, 0, NULL, NULL},
	{"ppoll-ready", by_ppoll_ready, 0, make_full_tube, NULL},
	{"select-room", by_select_room, 0, NULL, NULL},
	{"select-probe", by_select_probe, 0, NULL, NULL},
	{"select", by_select, 0, NULL, NULL},
	{"select-ready", by_select_ready, 0, make_full_tube, NULL},
	{"pselect-room", by_pselect_room, 0, NULL, NULL},
	{"pselect-probe", by_pselect_probe, 0, NULL, NULL},
	{"pselect", by_pselect, 0, NULL, NULL},
	{"pselect-ready", by_pselect_ready, 0, make_full_tube, NULL},
	{"ppoll-bad", by_ppoll_bad, 0, NULL, NULL},
	{"pselect-bad", by_pselect_bad, 0, NULL, NULL},
	{"epoll_ctl", by_epoll_ctl, 0, NULL, make_empty_set},
	{"epoll_wait-probe", by_epoll_wait_probe, 0, NULL, make_set},
	{"epoll_wait", by_epoll_wait, 0, NULL, make_set},
	{"epoll_pwait-probe", by_epoll_pwait_probe, 0, NULL, make_set},
	{"epoll_pwait", by_epoll_pwait, 0, NULL, make_set},
	{"epoll_pwait2-probe", by_epoll_pwait2_probe, 0, NULL, make_set},
	{"epoll_pwait2", by_epoll_pwait2, 0, NULL, make_set},
	{"poll-interrupted", by_poll_interrupted, 0, catch_alarm, NULL},
	{"ppoll-interrupted", by_ppoll_interrupted, 0, catch_alarm, NULL},
	{"select-interrupted", by_select_interrupted, 0, catch_alarm, NULL},
	{"pselect-interrupted", by_pselect_interrupted, 0, catch_alarm, NULL},
	{"epoll_wait-interrupted", by_epoll_wait_interrupted, 0, catch_alarm, make_set},
	{"epoll_pwait2-interrupted", by_epoll_pwait2_interrupted, 0, catch_alarm, make_set},
};

int main(int argc, char **argv)
{
	return run_story(stories, COUNT_OF(stories), argc, argv);
}
