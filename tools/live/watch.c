/* The loop of looks, and the signals that end it. Must not print. */
#include "tools/live/watch.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "tools/live/cost.h"
#include "tools/live/pace.h"

#define S UINT64_C(1000000000)

/* One run of watch_run(). Signals are blocked and read, so that none is lost between two looks. */
struct loop {
	struct watch *watch;
	uint64_t began, end, second; /* second: when the screen is woken next */
	uint64_t paid, first;	     /* cost before, and of the first look */
	int signals;		     /* a descriptor */
};

/* Who starts us with one of them ignored (nohup) means it. */
static void add_unless_ignored(sigset_t *set, const int *which, size_t count)
{
	struct sigaction is;

	for (size_t i = 0; i < count; i++)
		if (sigaction(which[i], NULL, &is) == 0 && is.sa_handler != SIG_IGN)
			sigaddset(set, which[i]);
}

static bool is_stop(int signal)
{
	return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

static sigset_t signals_to_read(bool screen)
{
	static const int stop[] = {SIGINT, SIGTERM, SIGHUP};
	static const int for_screen[] = {SIGQUIT, SIGTSTP};
	sigset_t set;

	sigemptyset(&set);
	add_unless_ignored(&set, stop, sizeof(stop) / sizeof(*stop));
	if (!screen)
		return set;
	add_unless_ignored(&set, for_screen, sizeof(for_screen) / sizeof(*for_screen));
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGCONT);
	return set;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * S + (uint64_t)time.tv_nsec;
}

static void count(struct loop *loop)
{
	loop->watch->took = now() - loop->began;
	loop->watch->cost = cost_so_far() - loop->paid;
}

static void wake(struct loop *loop, int why)
{
	const struct watch_screen *screen = loop->watch->screen;

	count(loop);
	loop->watch->stopped |= !screen->wake(loop->watch, why, screen->context);
}

/* False: there was none. */
static bool take_signal(struct loop *loop)
{
	struct signalfd_siginfo info;

	if (read(loop->signals, &info, sizeof(info)) != sizeof(info))
		return false;
	if (is_stop((int)info.ssi_signo))
		loop->watch->stopped = true;
	else
		wake(loop, (int)info.ssi_signo);
	return true;
}

/* Sleeps until then, a key or a signal; which are served. */
static void sleep_until(struct loop *loop, uint64_t then)
{
	const struct watch_screen *screen = loop->watch->screen;
	const uint64_t from = now(), left = then > from ? then - from : 0;
	const struct timespec wait = {.tv_sec = (time_t)(left / S), .tv_nsec = (long)(left % S)};
	struct pollfd at[2] = {{.fd = loop->signals, .events = POLLIN},
		{.fd = screen ? screen->keys() : -1, .events = POLLIN}};

	if (ppoll(at, 2, &wait, NULL) <= 0)
		return;
	if (at[0].revents)
		take_signal(loop);
	if (at[1].revents)
		wake(loop, WATCH_KEY);
}

/* The screen's seconds go on where looks are far between. */
static void wait_until(struct loop *loop, uint64_t then)
{
	const bool screen = loop->watch->screen != NULL;

	while (!loop->watch->stopped && now() < then) {
		sleep_until(loop, screen && loop->second < then ? loop->second : then);
		if (!screen || now() < loop->second || loop->watch->stopped)
			continue;
		wake(loop, WATCH_SECOND);
		loop->second = now() + S;
	}
}

/* False: there is nobody left. */
static bool look_at_each(struct watch *watch)
{
	bool any = false;

	if (watch->everyone)
		return everyone_look(watch->everyone, now());
	for (size_t i = 0; i < watch->processes; i++)
		if (!watch->process[i].unseen)
			any |= observed_look(&watch->process[i], now());
	return any && (!watch->each || watch->each(watch->context, now()));
}

static void look_again_and_again(struct loop *loop)
{
	struct watch *watch = loop->watch;
	struct pace pace =
		pace_new(loop->began, watch->a_second, (uint32_t)loop->began ^ (uint32_t)getpid());
	uint64_t next = loop->began;

	while (next < loop->end && !watch->stopped && look_at_each(watch)) {
		const uint64_t cost = cost_so_far() - loop->paid;

		loop->first = loop->first ? loop->first : cost;
		next = pace_next(&pace, now(), pace_charge(cost, loop->first, now() - loop->began));
		wait_until(loop, next < loop->end ? next : loop->end);
	}
}

void watch_run(struct watch *watch)
{
	const sigset_t set = signals_to_read(watch->screen != NULL);
	struct loop loop = {.watch = watch, .began = now(), .paid = cost_so_far(), .signals = -1};
	sigset_t before;

	loop.end = watch->seconds > 0 ? loop.began + (uint64_t)(watch->seconds * (double)S)
				      : UINT64_MAX;
	loop.second = loop.began + S / 2;
	sigprocmask(SIG_BLOCK, &set, &before);
	loop.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop.signals < 0)
		sigprocmask(SIG_SETMASK, &before, NULL);
	look_again_and_again(&loop);
	if (watch->everyone)
		everyone_finish(watch->everyone, now());
	for (size_t i = 0; i < watch->processes; i++)
		observed_count_over(&watch->process[i]);
	count(&loop);
	while (loop.signals >= 0 &&
		take_signal(&loop)) /* a second one must not take the last lines */
		;
	if (loop.signals >= 0)
		close(loop.signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
