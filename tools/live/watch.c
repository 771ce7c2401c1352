/* The loop of looks, and the signals that end it. Must not print. */
#include "tools/live/watch.h"

#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tools/live/pace.h"

#define S UINT64_C(1000000000)

/* Who starts us with one of them ignored (nohup) means it. */
static sigset_t signals_that_stop(void)
{
	static const int which[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction is;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(which) / sizeof(*which); i++)
		if (sigaction(which[i], NULL, &is) == 0 && is.sa_handler != SIG_IGN)
			sigaddset(&set, which[i]);
	return set;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * S + (uint64_t)time.tv_nsec;
}

static uint64_t cost_of_all(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * S +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

/* True: a signal came first. They are blocked, so that none is lost between two looks. */
static bool stopped_before(const sigset_t *stop, uint64_t then)
{
	const uint64_t from = now(), left = then > from ? then - from : 0;
	const struct timespec wait = {.tv_sec = (time_t)(left / S), .tv_nsec = (long)(left % S)};

	return sigtimedwait(stop, NULL, &wait) > 0;
}

/* False: there is nobody left. */
static bool look_at_each(struct watch *watch)
{
	bool any = false;

	for (size_t i = 0; i < watch->processes; i++)
		if (!watch->process[i].unseen)
			any |= observed_look(&watch->process[i], now());
	return any && (!watch->each || watch->each(watch->context, now()));
}

void watch_run(struct watch *watch)
{
	const uint64_t began = now(), paid = cost_of_all();
	const uint64_t end = began + (uint64_t)(watch->seconds * (double)S);
	struct pace pace = pace_new(began, watch->a_second, (uint32_t)began ^ (uint32_t)getpid());
	const sigset_t stop = signals_that_stop();
	uint64_t next = began;
	sigset_t before;

	sigprocmask(SIG_BLOCK, &stop, &before);
	while (next < end && !watch->stopped && look_at_each(watch)) {
		next = pace_next(&pace, now(), cost_of_all() - paid);
		watch->stopped = stopped_before(&stop, next < end ? next : end);
	}
	watch->took = now() - began;
	watch->cost = cost_of_all() - paid;
	while (stopped_before(&stop, 0)) /* a second one must not take the last lines */
		watch->stopped = true;
	sigprocmask(SIG_SETMASK, &before, NULL);
}
