/* Small writes on a socket that takes no more: how a write that waits ends, and who else waits for
 * it. The far end reads only where a verb says so. */
#include <pthread.h>
#include <stdbool.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "tests/victims/errors.h"

#define SMALL	 50
#define MANY	 4000 /* writes that never fit */
#define GATHERED 20

static atomic_long writes; /* that have returned */
static atomic_long taken;  /* bytes of theirs */
static atomic_int signals;

/* A write that may be collected in user space; whether it was: over loopback it is at the far end
 * at once, but for that. */
static void collect(const char *text)
{
	int there = 0;

	say(near_fd, text);
	NEED(RAW3(SYS_ioctl, far_fd, SIOCINQ, &there) == 0);
	mark("#collected %d", there == 0);
	taken += (long)strlen(text);
}

/* As make_pair(), with little room on both sides from the begin: a few small segments fill it. */
static void make_small_pair(void)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	int listener = (int)RAW3(SYS_socket, AF_INET, SOCK_STREAM, 0);
	int behind = 4096, before = 8192;
	socklen_t length = sizeof(here);

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	raw(SYS_setsockopt, listener, SOL_SOCKET, SO_RCVBUF, (long)&behind, sizeof(behind), 0);
	NEED(RAW3(SYS_bind, listener, &here, length) == 0);
	NEED(RAW3(SYS_listen, listener, 5, 0) == 0);
	NEED(RAW3(SYS_getsockname, listener, &here, &length) == 0);
	near_fd = socket(AF_INET, SOCK_STREAM, 0);
	NEED(setsockopt(near_fd, SOL_SOCKET, SO_SNDBUF, &before, sizeof(before)) == 0);
	NEED(connect(near_fd, (struct sockaddr *)&here, sizeof(here)) == 0);
	far_fd = raw_accept(listener);
	NEED(far_fd >= 0);
	RAW3(SYS_close, listener, 0, 0);
	collect("begun");
}

/* Reads all that is there with MSG_DONTWAIT, and with 0 to the end of the stream. */
static long drain(int flags)
{
	static char text[1 << 16];
	long have = 0, got;

	while ((got = raw(SYS_recvfrom, far_fd, (long)text, sizeof(text), flags, 0, 0)) > 0)
		have += got;
	return have;
}

static void ends(long before)
{
	long have = before + drain(MSG_DONTWAIT);

	NEED(shutdown(near_fd, SHUT_WR) == 0);
	mark("what was taken has come: %d", have + drain(0) == taken);
}

static ssize_t write_small(void)
{
	char text[SMALL] = {0};
	ssize_t got = write(near_fd, text, sizeof(text));

	taken += got > 0 ? got : 0;
	writes++;
	return got;
}

/* ---- signals ---- */

static void on_alarm(int number)
{
	(void)number;
	signals++;
}

static void alarms(int on, int flags, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
	struct itimerval often = {{0, on * 20000}, {0, on * 20000}};

	NEED(sigaction(SIGALRM, &action, NULL) == 0);
	NEED(setitimer(ITIMER_REAL, &often, NULL) == 0);
}

/* A part of a write may be what ends it; the next one has no part. */
static void interrupted(void)
{
	ssize_t got;

	make_small_pair();
	alarms(1, 0, on_alarm);
	do
		got = write_small();
	while (got > 0);
	alarms(0, 0, on_alarm);
	mark("%zd %s", got, strerrorname_np(errno));
	ends(0);
}

static long drained;

/* Room is made only after a write has slept through a few of them. */
static void on_alarm_that_helps(int number)
{
	long before = writes;
	static long last, still;

	(void)number;
	still = before == last ? still + 1 : 0;
	last = before;
	signals++;
	if (still >= 3)
		drained += drain(MSG_DONTWAIT);
}

static void restarted(void)
{
	int failed = 0;

	make_small_pair();
	alarms(1, SA_RESTART, on_alarm_that_helps);
	for (int i = 0; i < MANY / 2; i++)
		failed += write_small() <= 0;
	alarms(0, SA_RESTART, on_alarm);
	mark("writes that failed: %d; slept: %d", failed, drained > 0);
	ends(drained);
}

/* ---- threads ---- */

/* Reads at the far end until there is room here; some ACKs are late. */
static long drain_until_room(void)
{
	struct pollfd room = {.fd = near_fd, .events = POLLOUT};
	long have = 0;

	do
		have += drain(MSG_DONTWAIT);
	while (raw_poll(&room, 10) == 0);
	return have;
}

static void *write_on(void *unused)
{
	(void)unused;
	for (int i = 0; i < MANY; i++)
		write_small();
	return NULL;
}

static void *write_when_it_may(void *unused)
{
	struct pollfd room = {.fd = near_fd, .events = POLLOUT};
	int other = 0;

	(void)unused;
	while (poll(&room, 1, -1) == 1)
		other += write_small() != SMALL;
	return NULL;
}

/* Until no write returns any more: the thread sleeps in one. */
static void until_still(void)
{
	long before;

	do {
		before = writes;
		RAW3(SYS_nanosleep, (&(struct timespec){.tv_nsec = 100000000}), NULL, 0);
	} while (writes == before && before == 0);
	while (writes != before) {
		before = writes;
		RAW3(SYS_nanosleep, (&(struct timespec){.tv_nsec = 100000000}), NULL, 0);
	}
}

static void cancel_one_that(void *(*writes_so)(void *))
{
	pthread_t writer;
	void *result;
	long have;

	make_small_pair();
	NEED(pthread_create(&writer, NULL, writes_so, NULL) == 0);
	until_still();
	NEED(pthread_cancel(writer) == 0);
	NEED(pthread_join(writer, &result) == 0);
	mark("cancelled: %d", result == PTHREAD_CANCELED);
	have = drain_until_room();
	mark("and goes on: %d", write_small() == SMALL);
	NEED(shutdown(near_fd, SHUT_WR) == 0);
	/* The write that was cancelled may have gone in part. */
	have += drain(0);
	mark("what was taken has come: %d", have >= taken && have < taken + SMALL);
}

static void cancelled(void)
{
	cancel_one_that(write_on);
}

static void cancelled_in_poll(void)
{
	cancel_one_that(write_when_it_may);
}

/* Who reads does not wait for who writes: the far end reads only after it was read from. */
static void read_meanwhile(void)
{
	pthread_t writer;
	char text[4] = "";
	long have = 0;

	make_small_pair();
	NEED(pthread_create(&writer, NULL, write_on, NULL) == 0);
	until_still();
	far_say("ok\n");
	mark("%zd %s", read(near_fd, text, 3), text);
	while (writes < MANY)
		have += drain(MSG_DONTWAIT);
	NEED(pthread_join(writer, NULL) == 0);
	ends(have);
}

static void *gather_on(void *unused)
{
	static char head[2000], body[60000];
	struct iovec piece[] = {{head, sizeof(head)}, {body, sizeof(body)}};
	long short_ones = 0;

	for (int i = 0; i < GATHERED; i++) {
		write_small();
		ssize_t got = writev(near_fd, piece, 2);
		taken += got > 0 ? got : 0;
		short_ones += got != sizeof(head) + sizeof(body);
		writes++;
	}
	mark("gathered writes that took less: %ld", short_ones);
	return unused;
}

/* Each comes after a small one, and finds room for a part of it: it waits for the rest. */
static void gathered(void)
{
	pthread_t writer;
	long have = 0;

	make_small_pair();
	NEED(pthread_create(&writer, NULL, gather_on, NULL) == 0);
	until_still();
	while (writes < 2 * GATHERED)
		have += drain(MSG_DONTWAIT);
	NEED(pthread_join(writer, NULL) == 0);
	ends(have);
}

/* ---- room that is asked for ---- */

static void polled(void)
{
	struct pollfd room = {.events = POLLOUT};
	int other = 0;

	make_small_pair();
	room.fd = near_fd;
	while (poll(&room, 1, 100) == 1)
		other += write_small() != SMALL;
	mark("writes that took less: %d", other);
	NEED(shutdown(near_fd, SHUT_WR) == 0);
	mark("shut, and nothing was read yet");
	ends(0);
}

static void fill(void)
{
	static char page[4096];
	long got;

	while ((got = raw(SYS_sendto, near_fd, (long)page, sizeof(page), MSG_DONTWAIT, 0, 0)) > 0)
		taken += got;
}

static void *write_large(void *unused)
{
	static char large[8192];

	writes++;
	NEED(write(near_fd, large, sizeof(large)) < 0);
	return unused;
}

/* The room that there was when a write was collected is taken by one that nobody saw. */
static void overtaken(void)
{
	pthread_t writer;
	void *result;

	make_small_pair();
	fill();
	NEED(pthread_create(&writer, NULL, write_large, NULL) == 0);
	until_still();
	NEED(pthread_cancel(writer) == 0);
	NEED(pthread_join(writer, &result) == 0);
	mark("cancelled: %d", result == PTHREAD_CANCELED);
	ends(drain_until_room());
}

static const struct verb verbs[] = {
	{"interrupted", interrupted},
	{"restarted", restarted},
	{"cancelled", cancelled},
	{"cancelled-in-poll", cancelled_in_poll},
	{"read-meanwhile", read_meanwhile},
	{"gathered", gathered},
	{"polled", polled},
	{"overtaken", overtaken},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
