/* nagle VERB MESSAGES: a loop that sends one small message a round, at full speed and without
 * waiting for answers; and the waits of such a program, with and without a time, ended by nothing,
 * by an answer, or by a signal. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/time.h>

#include "tests/victims/messages.h"

static int ready, messages;

static void begin(void)
{
	fd = dial();
	NEED((ready = eventfd(1, 0)) >= 0);
}

static void by_poll(void)
{
	begin();
	rounds(ready, messages);
}

static void by_epoll(void)
{
	struct epoll_event event = {.events = EPOLLIN}, found;
	int epoll = epoll_create1(0);

	begin();
	NEED(epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, ready, &event) == 0);
	for (int i = 0; i < messages; i++) {
		NEED(epoll_wait(epoll, &found, 1, -1) == 1);
		put();
	}
}

static void by_select(void)
{
	fd_set set;

	begin();
	FD_ZERO(&set);
	for (int i = 0; i < messages; i++) {
		FD_SET(ready, &set);
		NEED(select(ready + 1, &set, NULL, NULL, NULL) == 1);
		put();
	}
}

/* A question each round; the peer answers each 50 bytes. */
static void questions(void)
{
	int kept = 0;

	begin();
	for (int i = 0; i < messages; i++) {
		put();
		kept += unsent(fd) > 0;
		NEED(hear(fd));
	}
	mark("#kept %d", kept);
}

/* The last message of many is a question: it must not wait for an ACK of those before. */
static void then_question(void)
{
	begin();
	for (int k = 0; k < 5; k++) {
		rounds(ready, messages);
		NEED(hear(fd));
	}
	mark("answered");
}

/* ---- waits: a raw getpgid() before and behind each, for who watches ---- */

static void on_alarm(int number)
{
	(void)number;
}

/* Again and again: one may come before the wait has begun. 0: no more. */
static void alarm_each(int milliseconds)
{
	struct timeval time = {0, milliseconds * 1000};
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};

	NEED(sigaction(SIGALRM, &action, NULL) == 0);
	NEED(setitimer(ITIMER_REAL, &(struct itimerval){time, time}, NULL) == 0);
}

static int epoll_on(int of)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(0);

	NEED(epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, of, &event) == 0);
	return epoll;
}

/* What a wait for an answer that does not come returns. ms: below 0 for ever. */
static int wait_poll(int ms)
{
	return poll(&(struct pollfd){fd, POLLIN, 0}, 1, ms);
}

static int wait_ppoll(int ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000L};

	return ppoll(&(struct pollfd){fd, POLLIN, 0}, 1, ms < 0 ? NULL : &time, NULL);
}

static int wait_select(int ms)
{
	struct timeval time = {ms / 1000, ms % 1000 * 1000L};
	fd_set set;
	int result;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	result = select(fd + 1, &set, NULL, NULL, ms < 0 ? NULL : &time);
	if (result == 0)
		mark("left %d.%06d, set %d", (int)time.tv_sec, (int)time.tv_usec,
			FD_ISSET(fd, &set) != 0);
	return result;
}

static int wait_pselect(int ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return pselect(fd + 1, &set, NULL, NULL, ms < 0 ? NULL : &time, NULL);
}

static int wait_epoll(int ms)
{
	struct epoll_event found;
	int epoll = epoll_on(fd), result = epoll_wait(epoll, &found, 1, ms), error = errno;

	close(epoll);
	errno = error;
	return result;
}

static int wait_epoll_pwait2(int ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
	struct epoll_event found;
	int epoll = epoll_on(fd), error, result;

	result = epoll_pwait2(epoll, &found, 1, ms < 0 ? NULL : &time, NULL);
	error = errno;
	close(epoll);
	errno = error;
	return result;
}

static int (*const waits[])(int ms) = {
	wait_poll, wait_ppoll, wait_select, wait_pselect, wait_epoll, wait_epoll_pwait2};

static void watched(int (*wait)(int ms), int ms)
{
	int result;

	RAW3(SYS_getpgid, 0, 0, 0);
	errno = 0;
	result = wait(ms);
	mark("%d, errno %d", result, result < 0 ? errno : 0);
	RAW3(SYS_getpgid, 0, 0, 0);
}

/* Each behind messages at full speed; nothing comes. */
static void timeouts(void)
{
	begin();
	for (size_t i = 0; i < COUNT_OF(waits); i++) {
		rounds(ready, messages);
		watched(waits[i], 123);
	}
}

/* A signal in the middle of a wait for ever, and of one with a time. */
static void signals(void)
{
	begin();
	for (size_t i = 0; i < 2 * COUNT_OF(waits); i++) {
		rounds(ready, messages);
		alarm_each(3);
		watched(waits[i / 2], i % 2 ? -1 : 60000);
		alarm_each(0);
	}
}

static const struct verb verbs[] = {
	{"poll", by_poll},
	{"epoll", by_epoll},
	{"select", by_select},
	{"questions", questions},
	{"then-question", then_question},
	{"timeouts", timeouts},
	{"signals", signals},
};

int main(int argc, char **argv)
{
	messages = argc > 2 ? atoi(argv[2]) : 0;
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
