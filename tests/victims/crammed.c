/* Small writes on a socket that takes no more, or that was reset: what was taken comes, what was
 * refused does not, and who is told. */
#include <stdbool.h>

#include "tests/victims/errors.h"

/* A write that may be collected in user space; whether it was: over loopback it is at the far end
 * at once, but for that. */
static void collect(const char *text)
{
	int there = 0;

	say(near_fd, text);
	NEED(RAW3(SYS_ioctl, far_fd, SIOCINQ, &there) == 0);
	mark("#collected %d", there == 0);
}

static size_t fill(void)
{
	static char page[4096];
	size_t filled = 0;
	long got;

	while ((got = raw(SYS_sendto, near_fd, (long)page, sizeof(page), MSG_DONTWAIT, 0, 0)) > 0)
		filled += (size_t)got;
	return filled;
}

/* Reads all that is there with MSG_DONTWAIT, and with 0 to the end of the stream. */
static size_t drain(int flags)
{
	static char text[1 << 16];
	size_t have = 0;
	long got;

	while ((got = raw(SYS_recvfrom, far_fd, (long)text, sizeof(text), flags, 0, 0)) > 0)
		have += (size_t)got;
	return have;
}

/* Small writes until one is refused, or takes less. Returns what was taken. */
static size_t until_refused(void)
{
	char text[50] = {0};
	size_t done = 0;
	ssize_t got;

	while ((got = write(near_fd, text, sizeof(text))) == sizeof(text))
		done += (size_t)got;
	return done + (got > 0 ? (size_t)got : 0);
}

static void ends_with(size_t written)
{
	size_t have = drain(MSG_DONTWAIT);

	NEED(shutdown(near_fd, SHUT_WR) == 0);
	mark("what was taken has come: %d", have + drain(0) == written);
}

static void small_buffers(void)
{
	int size = 4096;

	NEED(setsockopt(near_fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) == 0);
	raw(SYS_setsockopt, far_fd, SOL_SOCKET, SO_RCVBUF, (long)&size, sizeof(size), 0);
}

static void set_sndtimeo(void)
{
	struct timeval limit_of_a_write = {.tv_usec = 20000};

	NEED(setsockopt(near_fd, SOL_SOCKET, SO_SNDTIMEO, &limit_of_a_write,
		     sizeof(limit_of_a_write)) == 0);
}

static void sndtimeo(void)
{
	make_pair();
	set_sndtimeo();
	small_buffers();
	ends_with(until_refused());
}

/* Nothing may be collected there, or shutdown would have to wait for the peer. (An ACK may make
 * room for the last write after all.) */
static void sndtimeo_full(void)
{
	size_t written;
	ssize_t got;

	make_pair();
	set_sndtimeo();
	small_buffers();
	written = fill();
	got = write(near_fd, "12345", 5);
	written += got > 0 ? (size_t)got : 0;
	NEED(shutdown(near_fd, SHUT_WR) == 0);
	mark("what was taken has come: %d", drain(0) == written);
}

static void nonblocking(void)
{
	struct pollfd room = {.events = POLLOUT};
	size_t written, have = 0;

	make_pair();
	small_buffers();
	room.fd = near_fd;
	NEED(fcntl(near_fd, F_SETFL, O_NONBLOCK) == 0);
	written = until_refused();
	do
		have += drain(MSG_DONTWAIT);
	while (poll(&room, 1, 0) == 0);
	mark("and again: %d", write(near_fd, "again", 5) == 5);
	ends_with(written + 5 - have);
}

/* A wait finds something collected and no room: it must come back all the same. */
static void full_poll(void)
{
	struct pollfd answer = {.events = POLLIN};
	size_t written;

	make_pair();
	answer.fd = near_fd;
	collect("12345");
	written = fill();
	mark("%d", poll(&answer, 1, 0));
	mark("%d", poll(&answer, 1, 1));
	ends_with(written + 5);
}

static void on_pipe(int number)
{
	mark("signal %d", number);
}

static void reset_by_far(void)
{
	struct linger now = {1, 0};
	struct pollfd hangup = {.fd = near_fd};

	raw(SYS_setsockopt, far_fd, SOL_SOCKET, SO_LINGER, (long)&now, sizeof(now), 0);
	RAW3(SYS_close, far_fd, 0, 0);
	NEED(raw_poll(&hangup, -1) == 1);
}

/* The error is taken by the first to ask for it: then a flush can only meet EPIPE. */
static void take_error(void)
{
	int error = 0;
	socklen_t length = sizeof(error);

	raw(SYS_getsockopt, near_fd, SOL_SOCKET, SO_ERROR, (long)&error, (long)&length, 0);
	mark("%s", strerrorname_np(error));
}

static void told_by_the_next_call(bool taken)
{
	NEED(signal(SIGPIPE, on_pipe) != SIG_ERR);
	make_pair();
	collect("for nobody");
	reset_by_far();
	if (taken)
		take_error();
	NEED(usleep(1) == 0);
	mark("the wait is over");
	ANSWER(send(near_fd, "a", 1, 0));
	ANSWER(write(near_fd, "a", 1));
	ANSWER(send(near_fd, "a", 1, MSG_NOSIGNAL));
}

static void kept_reset(void)
{
	told_by_the_next_call(false);
}

static void kept_pipe(void)
{
	told_by_the_next_call(true);
}

static const struct verb verbs[] = {
	{"sndtimeo", sndtimeo},
	{"sndtimeo-full", sndtimeo_full},
	{"nonblocking", nonblocking},
	{"full-poll", full_poll},
	{"kept-reset", kept_reset},
	{"kept-pipe", kept_pipe},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
