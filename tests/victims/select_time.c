/* select_time VERB MESSAGES: a program that takes the time which select() leaves for its timer, as
 * Linux does it (select(2)), beside a loop that sends small messages at full speed. Notes how much
 * of the time that has passed inside select() was not taken off: what a clock says around the call
 * is a little more, always. */
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

#include "tests/victims/messages.h"

#define WAITS	20
#define WAIT_US 3000 /* less than the library looks at nothing for */

static int messages;
static long calls, passed, took, worst; /* in us */

static long now_us(void)
{
	struct timespec now;

	NEED(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static long us_of(const struct timeval *time)
{
	return time->tv_sec * 1000000 + time->tv_usec;
}

/* Until there is something to read of it, and accounts for the time. */
static int select_on(int of, struct timeval *left)
{
	long whole = us_of(left), began = now_us(), inside;
	fd_set set;
	int result, error;

	FD_ZERO(&set);
	FD_SET(of, &set);
	result = select(of + 1, &set, NULL, NULL, left);
	error = errno;
	inside = now_us() - began;
	calls++;
	passed += inside;
	took += whole - us_of(left);
	if (inside - (whole - us_of(left)) > worst)
		worst = inside - (whole - us_of(left));
	/* Never more than has passed, but for what the kernel rounds. */
	NEED(whole - us_of(left) <= inside + 2);
	errno = error;
	return result;
}

static void tell(void)
{
	mark("#calls %ld", calls);
	mark("#passed %ld", passed);
	mark("#took %ld", took);
	mark("#worst %ld", worst);
}

/* A timer that ends each wait while there is much time left. */
static void ready(void)
{
	struct itimerspec soon = {.it_value = {0, WAIT_US * 1000}};
	int event = eventfd(1, 0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
	uint64_t times;

	NEED(event >= 0 && timer >= 0);
	fd = dial();
	for (int i = 0; i < WAITS; i++) {
		struct timeval left = {60, 0};

		rounds(event, messages);
		NEED(timerfd_settime(timer, 0, &soon, NULL) == 0);
		NEED(select_on(timer, &left) == 1);
		NEED(read(timer, &times, sizeof(times)) == sizeof(times));
	}
	mark("%d waits", WAITS);
	tell();
}

static void on_alarm(int number)
{
	(void)number;
}

/* A signal does. It comes again: the first may be there before the wait has begun. */
static void interrupted(void)
{
	struct timeval time = {0, WAIT_US}, none = {0, 0};
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	int event = eventfd(1, 0), silent = timerfd_create(CLOCK_MONOTONIC, 0);

	NEED(event >= 0 && silent >= 0 && sigaction(SIGALRM, &action, NULL) == 0);
	fd = dial();
	for (int i = 0; i < WAITS; i++) {
		struct timeval left = {60, 0};

		rounds(event, messages);
		NEED(setitimer(ITIMER_REAL, &(struct itimerval){time, time}, NULL) == 0);
		NEED(select_on(silent, &left) == -1 && errno == EINTR);
		NEED(setitimer(ITIMER_REAL, &(struct itimerval){none, none}, NULL) == 0);
	}
	mark("%d waits", WAITS);
	tell();
}

/* Sends a datagram now and then until its parent has ended. */
static void feed(int to)
{
	char text[50] = {0};

	NEED(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
	while (send(to, text, sizeof(text), MSG_DONTWAIT) > 0 || errno == EAGAIN)
		usleep(200);
	_exit(0);
}

/* A relay that has a timer, and passes on what comes until that has fired. */
static void relay(void)
{
	struct timeval left = {0, 500000};
	char text[64];
	int ends[2];
	pid_t child;

	fd = dial();
	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
	NEED((child = fork()) >= 0);
	if (child == 0) {
		close(fd);
		close(ends[1]);
		feed(ends[0]);
	}
	close(ends[0]);
	while (select_on(ends[1], &left) != 0 && us_of(&left) > 0)
		if (recv(ends[1], text, sizeof(text), MSG_DONTWAIT) > 0 && calls <= messages)
			put();
	close(ends[1]);
	NEED(waitpid(child, NULL, 0) == child);
	mark("left %ld", us_of(&left));
	tell();
	while (sent < (uint64_t)messages * 50)
		put();
}

static const struct verb verbs[] = {
	{"ready", ready},
	{"interrupted", interrupted},
	{"relay", relay},
};

int main(int argc, char **argv)
{
	messages = argc > 2 ? atoi(argv[2]) : 0;
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
