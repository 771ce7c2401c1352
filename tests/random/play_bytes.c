/* Steps that write, read and wait on one connection. */
#include <sched.h>
#include <semaphore.h>
#include <sys/ioctl.h>
#include <threads.h>
#include <time.h>

#include "world.h"

/* Turns of as many writes, then an answer: what makes a count believed. */
PLAY(turns)
{
	struct link *link = link_of(step);
	unsigned turns = 1 + step_draw(step, 12), writes = 1 + step_draw(step, 4);
	size_t size = 1 + step_draw(step, 60);

	if (link->shut || link->finished || link->any)
		return;
	while (turns-- > 0) {
		for (unsigned i = 0; i < writes; i++)
			link_put(link, link_name(link, step), size);
		link_ask(link, 1 + size / 4);
		link_read(link, step);
	}
}

PLAY(write)
{
	struct link *link = link_of(step);
	unsigned writes = 1 + step_draw(step, 3);

	while (writes-- > 0)
		link_write(link, step, step_size(step));
}

/* Many small ones: a stream. */
PLAY(burst)
{
	struct link *link = link_of(step);
	unsigned writes = 5 + step_draw(step, 40);
	size_t size = 1 + step_draw(step, 200);

	if (link->shut || link->any)
		return;
	while (writes-- > 0)
		link_write_at(link, step, link_name(link, step), size, true);
}

PLAY(ask)
{
	struct link *link = link_of(step);
	unsigned parts = 1 + step_draw(step, 3);

	while (parts-- > 0)
		link_ask(link, step_size(step));
	link_read(link, step);
}

/* Looks where nothing is to be found: all that was asked for is read. */
PLAY(probe)
{
	struct link *link = link_of(step);
	int fd = link_name(link, step), bytes = -1;
	char c;

	if (link->finished || link->any)
		return;
	link_put(link, fd, link->shut ? 0 : step_draw(step, 20));
	switch (step_draw(step, 4)) {
	case 0:
		NOTE_CALL("recv", recv(fd, &c, 1, MSG_DONTWAIT));
		break;
	case 1:
		NOTE_CALL("peek", recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK));
		break;
	case 2:
		NOTE_CALL("FIONREAD", ioctl(fd, FIONREAD, &bytes));
		note("  bytes %d", bytes);
		break;
	default:
		note("  ready %d", look_ready(step, fd));
	}
}

static int wait_short(unsigned way, const struct timespec *time)
{
	struct timespec now;
	sigset_t none;
	sem_t nothing;

	NEED(sem_init(&nothing, 0, 0) == 0);
	sigemptyset(&none);
	sigaddset(&none, SIGUSR2);
	clock_gettime(CLOCK_REALTIME, &now);
	switch (way) {
	case 0:
		return nanosleep(time, NULL);
	case 1:
		return clock_nanosleep(CLOCK_MONOTONIC, 0, time, NULL);
	case 2:
		return usleep(1);
	case 3:
		return sched_yield();
	case 4:
		return sigtimedwait(&none, NULL, time);
	case 5:
		return thrd_sleep(time, NULL);
	case 6:
		return (int)syscall(SYS_nanosleep, time, NULL);
	case 7:
		return poll(NULL, 0, 1);
	default:
		return sem_timedwait(&nothing, &now);
	}
}

PLAY(wait)
{
	struct timespec time = {0, step_draw(step, 2) * 1000 * step_draw(step, 1500)};
	struct link *link = link_of(step);

	if (!link->shut && !link->any)
		link_write(link, step, step_draw(step, 50));
	NOTE_CALL("waited", wait_short(step_draw(step, 9), &time));
}

/* The peer reads nothing for a while; what is written meanwhile may fill the socket. */
PLAY(pause)
{
	struct link *link = link_of(step);
	unsigned writes = 1 + step_draw(step, 200);
	size_t size = 1 + step_draw(step, 2000);

	order(ORDER_PAUSE, link, 0, 1 + step_draw(step, 15));
	if (link->shut || link->any)
		return;
	while (writes-- > 0)
		link_put(link, link->fd, size);
}
