/* Steps that change what a connection is: its options, its mode, its ends, a stream over it. */
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <time.h>

#include "world.h"

static int set(struct step *step, int fd, int level, int name, const void *value, socklen_t length)
{
	errno = UNTOUCHED;
	if (step_draw(step, 3) == 0)
		return (int)syscall(SYS_setsockopt, fd, level, name, value, length);
	return setsockopt(fd, level, name, value, length);
}

static int get(struct step *step, int fd, int level, int name, void *value, socklen_t *length)
{
	errno = UNTOUCHED;
	if (step_draw(step, 3) == 0)
		return (int)syscall(SYS_getsockopt, fd, level, name, value, length);
	return getsockopt(fd, level, name, value, length);
}

/* Options whose value is determined before and after they are set. */
static const struct {
	const char *text;
	int level, name, value;
} option[] = {
	{"TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY, 1},
	{"TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY, 0},
	{"TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE, 60},
	{"TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT, 30000},
	{"TCP_NOTSENT_LOWAT", IPPROTO_TCP, TCP_NOTSENT_LOWAT, 100000},
	{"SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE, 1},
	{"SO_OOBINLINE", SOL_SOCKET, SO_OOBINLINE, 1},
	{"SO_PRIORITY", SOL_SOCKET, SO_PRIORITY, 3},
	{"SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR, 1},
	{"SO_TYPE", SOL_SOCKET, SO_TYPE, 1},
	{"SO_ERROR", SOL_SOCKET, SO_ERROR, 1},
	{"an unknown one", IPPROTO_TCP, 250, 1},
};

static void linger(struct link *link, struct step *step)
{
	struct linger now = {1, 0};

	link_sync(link);
	link_read(link, step);
	note("  SO_LINGER %d", set(step, link->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)));
	if (!link->shut)
		link_put(link, link->fd, step_draw(step, 20));
	link_sync(link);
	link->any = true;
	link_close(link);
}

PLAY(option)
{
	struct link *link = link_of(step);
	unsigned which = step_draw(step, COUNT_OF(option) + 1);
	int fd = link_name(link, step), value = -1, answer;
	socklen_t length = sizeof(value);

	if (link->any || link->unseen)
		return;
	if (which == COUNT_OF(option)) {
		linger(link, step);
		return;
	}
	if (!link->shut)
		link_put(link, fd, step_draw(step, 20));
	answer = get(step, fd, option[which].level, option[which].name, &value, &length);
	note("  %s get %d %d, %s", option[which].text, answer, value, errno_text(errno));
	if (step_draw(step, 4) == 0)
		return;
	value = option[which].value;
	length = sizeof(value);
	answer = set(step, fd, option[which].level, option[which].name, &value, length);
	note("  %s set %d, %s", option[which].text, answer, errno_text(errno));
	value = -1;
	answer = get(step, fd, option[which].level, option[which].name, &value, &length);
	note("  %s get %d %d, %s", option[which].text, answer, value, errno_text(errno));
}

/* What the program corks stays corked, by whatever name it writes: for 200 ms, the kernel's own
 * limit, but a machine that is busy may have let these pass. */
PLAY(cork)
{
	struct link *link = link_of(step);
	unsigned writes = 1 + step_draw(step, 6);
	int on = 1, off = 0, value = -1, left;
	socklen_t length = sizeof(value);
	struct timespec from, to;

	if (link->shut || link->any || link->unseen)
		return;
	link_sync(link);
	clock_gettime(CLOCK_MONOTONIC, &from);
	note("  cork %d", set(step, link->fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)));
	for (unsigned i = 0; i < writes; i++)
		link_put(link, link_name(link, step), 3);
	if (step_draw(step, 2))
		usleep(2000); /* a wait lets go of what was held, and of nothing else */
	left = unsent(link_name(link, step));
	clock_gettime(CLOCK_MONOTONIC, &to);
	if ((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000 > 100)
		left = 3 * (int)writes;
	note_unless_buffered("  unsent %d", left);
	get(step, link_name(link, step), IPPROTO_TCP, TCP_CORK, &value, &length);
	note("  corked %d", value);
	note("  cork %d",
		set(step, link_name(link, step), IPPROTO_TCP, TCP_CORK, &off, sizeof(off)));
}

PLAY(more)
{
	struct link *link = link_of(step);
	unsigned writes = 1 + step_draw(step, 4);
	char bytes[100];

	if (link->shut || link->any || link->nonblocking || link->limit < SIZE_MAX)
		return;
	for (unsigned i = 0; i <= writes; i++) {
		size_t size = 1 + step_draw(step, sizeof(bytes));
		int flags = i < writes ? MSG_MORE : 0;

		fill_up(link, link->written, bytes, size);
		NEED(send(link_name(link, step), bytes, size, flags) == (ssize_t)size);
		link->written += size;
	}
}

PLAY(mode)
{
	struct link *link = link_of(step);
	int on = !link->nonblocking, before = fcntl(link->fd, F_GETFL);

	if (link->unseen)
		return;
	switch (step_draw(step, 4)) {
	case 0:
		NOTE_CALL("F_SETFL", fcntl(link->fd, F_SETFL, before ^ O_NONBLOCK));
		break;
	case 1:
		NOTE_CALL("SYS_fcntl", syscall(SYS_fcntl, link->fd, F_SETFL, before ^ O_NONBLOCK));
		break;
	case 2:
		NOTE_CALL("FIONBIO", ioctl(link->fd, FIONBIO, &on));
		break;
	default:
		NOTE_CALL("SYS_ioctl", syscall(SYS_ioctl, link->fd, FIONBIO, &on));
	}
	link->nonblocking = on;
	note("  flags %x to %x", (unsigned)before, (unsigned)fcntl(link->fd, F_GETFL));
}

PLAY(shutdown)
{
	struct link *link = link_of(step);
	struct iovec nothing[2] = {{NULL, 0}, {NULL, 0}};

	/* Once both sides have ended it is over when the peer's kernel says so: soon. */
	if (link->any || (link->shut && link->finished))
		return;
	if (!link->shut)
		link_put(link, link->fd, step_draw(step, 30));
	if (step_draw(step, 2))
		NOTE_CALL("shutdown", shutdown(link->fd, SHUT_WR));
	else
		NOTE_CALL("SYS_shutdown", syscall(SYS_shutdown, link->fd, SHUT_WR));
	link->shut = true;
	if (step_draw(step, 2))
		NOTE_CALL("writev of nothing", writev(link->fd, nothing, 2));
	link_write(link, step, step_draw(step, 3));
	link_write(link, step, step_draw(step, 2) * 10);
}

/* The peer ends its side; ours goes on. */
PLAY(finish)
{
	struct link *link = link_of(step);
	char c;

	if (link->any)
		return;
	link_read(link, step);
	order_done(ORDER_FINISH, link, 0, 0);
	link->finished = true;
	NOTE_CALL("read", read(link_name(link, step), &c, 1));
	if (!link->shut)
		link_put(link, link->fd, step_draw(step, 30));
}

PLAY(reset)
{
	struct link *link = link_of(step);
	bool reads = step_draw(step, 2);
	char c = 'x';

	if (link->any || link->shut)
		return;
	link_sync(link);
	link_read(link, step);
	order_done(ORDER_RESET, link, 0, 0);
	link->any = true;
	for (int i = 0; i < 3; i++) {
		if (reads)
			NOTE_CALL_BY(note_unless_buffered, "read", read(link->fd, &c, 1));
		else
			NOTE_CALL_BY(note_unless_buffered, "write", write(link->fd, &c, 1));
		reads = !reads;
	}
	link_close(link);
}

PLAY(urgent)
{
	struct link *link = link_of(step);
	char c;

	if (link->shut || link->any)
		return;
	link_sync(link);
	fill_up(link, link->written++, &c, 1);
	NOTE_CALL("urgent", send(link->fd, &c, 1, MSG_OOB));
	link_put(link, link->fd, step_draw(step, 30));
}

/* A FILE over a second name, and writes beside it. */
PLAY(stdio)
{
	struct link *link = link_of(step);
	int fd = step_draw(step, 2) ? dup(link->fd) : fcntl(link->fd, F_DUPFD_CLOEXEC, 20);
	FILE *file = fdopen(fd, step_draw(step, 2) ? "w" : "r+");
	unsigned writes = step_draw(step, 6);
	char bytes[300];

	NEED(file);
	if (step_draw(step, 3) == 0)
		setvbuf(file, NULL, step_draw(step, 2) ? _IONBF : _IOLBF, 0);
	while (!link->shut && !link->any && !link->nonblocking && writes-- > 0) {
		size_t size = 1 + step_draw(step, sizeof(bytes));

		fill_up(link, link->written, bytes, size);
		NEED(fwrite(bytes, 1, size, file) == size && fflush(file) == 0);
		link->written += size;
		if (step_draw(step, 2))
			link_put(link, link->fd, 1 + step_draw(step, 20));
	}
	note("  stdio on %d, fclose %d", fd, fclose(file));
}
