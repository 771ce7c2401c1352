/* Steps with threads, signal handlers, jumps and cancellation. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <sys/time.h>
#include <threads.h>

#include "world.h"

/* ---- threads, each with a connection of its own ---- */

struct worker {
	struct link *link;
	struct step step;
	pthread_t thread;
};

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct link *link = worker->link;
	unsigned turns = 1 + step_draw(&worker->step, 8), writes = 1 + step_draw(&worker->step, 3);

	if (link->shut || link->any || link->finished)
		return NULL;
	while (turns-- > 0) {
		for (unsigned i = 0; i < writes; i++)
			link_put(link, link->fd, 1 + i);
		link_ask(link, 2);
		while (link->read < link->asked) {
			char c;
			ssize_t got = read(link->fd, &c, 1);

			if (got < 0 && errno == EAGAIN)
				poll(&(struct pollfd){link->fd, POLLIN, 0}, 1, -1);
			else
				NEED(got == 1 && fits_down(link, link->read++, &c, 1));
		}
	}
	for (unsigned i = 0; i < writes; i++)
		link_put(link, link->fd, 3);
	return NULL;
}

PLAY(threads)
{
	struct worker worker[LINKS];
	unsigned count = 1 + step_draw(step, 3);

	for (unsigned i = 0; i < count; i++) {
		struct step of = *step;

		of.link = (step->link + i) % LINKS;
		worker[i].link = link_of(&of);
		worker[i].step = of;
		worker[i].step.dice = mix(step->dice + i);
	}
	for (unsigned i = 0; i < count; i++)
		NEED(pthread_create(&worker[i].thread, NULL, work, &worker[i]) == 0);
	for (unsigned i = 0; i < count; i++)
		NEED(pthread_join(worker[i].thread, NULL) == 0);
	for (unsigned i = 0; i < count; i++)
		note("  wrote to %llu", (unsigned long long)worker[i].link->written);
}

/* ---- two threads that write on one connection in turns ---- */

struct relay {
	struct link *link;
	unsigned how, turns;
	sem_t turn[2];
	pthread_mutex_t lock;
	pthread_cond_t changed;
	_Atomic unsigned now; /* whose turn it is: even, odd */
};

static void relay_wait(struct relay *relay, unsigned who)
{
	if (relay->how == 0) {
		sem_wait(&relay->turn[who]);
	} else if (relay->how == 1) {
		pthread_mutex_lock(&relay->lock);
		while (relay->now % 2 != who)
			pthread_cond_wait(&relay->changed, &relay->lock);
		pthread_mutex_unlock(&relay->lock);
	} else {
		while (relay->now % 2 != who)
			RAW3(SYS_sched_yield, 0, 0, 0);
	}
}

static void relay_pass(struct relay *relay, unsigned who)
{
	pthread_mutex_lock(&relay->lock);
	relay->now++;
	pthread_cond_broadcast(&relay->changed);
	pthread_mutex_unlock(&relay->lock);
	if (relay->how == 0)
		sem_post(&relay->turn[1 - who]);
}

static void relay_run(struct relay *relay, unsigned who)
{
	for (unsigned i = 0; i < relay->turns; i++) {
		relay_wait(relay, who);
		link_put(relay->link, relay->link->fd, 1 + i % 5);
		relay_pass(relay, who);
	}
}

static void *relay_second(void *argument)
{
	relay_run(argument, 1);
	return NULL;
}

PLAY(relay)
{
	struct relay relay = {.link = link_of(step),
		.how = step_draw(step, 3),
		.turns = 1 + step_draw(step, 10),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER};
	pthread_t thread;

	if (relay.link->shut || relay.link->any)
		return;
	NEED(sem_init(&relay.turn[0], 0, 1) == 0 && sem_init(&relay.turn[1], 0, 0) == 0);
	NEED(pthread_create(&thread, NULL, relay_second, &relay) == 0);
	relay_run(&relay, 0);
	NEED(pthread_join(thread, NULL) == 0);
}

/* ---- handlers ---- */

static struct link *volatile handled;
static volatile size_t handled_size;
static volatile bool handler_asks;
static sigjmp_buf out;

static void handler_writes(int number)
{
	int error = errno;

	(void)number;
	link_put(handled, handled->fd, handled_size);
	if (handler_asks)
		order(ORDER_ANSWER, handled, handled->written, 1);
	errno = error;
}

static void handler_jumps(int number)
{
	(void)number;
	siglongjmp(out, 1);
}

static void handle(int number, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};

	NEED(sigaction(number, &action, NULL) == 0);
}

static void alarm_soon(void)
{
	struct itimerval soon = {.it_value = {0, 1000}};

	NEED(setitimer(ITIMER_REAL, &soon, NULL) == 0);
}

/* A handler that writes between two writes; or while a read waits, which it ends by its request. */
PLAY(handler)
{
	struct link *link = link_of(step);
	char c;

	if (link->shut || link->any || link->finished)
		return;
	handled = link;
	handled_size = 1 + step_draw(step, 40);
	handler_asks = false;
	link_put(link, link->fd, step_draw(step, 20));
	if (link->nonblocking || step_draw(step, 2)) {
		handle(SIGUSR1, handler_writes);
		NEED(raise(SIGUSR1) == 0);
		link_put(link, link->fd, step_draw(step, 20));
		return;
	}
	handler_asks = true;
	handle(SIGALRM, handler_writes);
	alarm_soon();
	note("  read %zd", read(link->fd, &c, 1));
	NEED(fits_down(link, link->read, &c, 1));
	link->asked++;
	link->read++;
}

/* Out of a read that would never end. */
PLAY(jump)
{
	struct link *link = link_of(step);
	bool polls = step_draw(step, 2); /* drawn before: it may jump at any moment */
	size_t before = 1 + step_draw(step, 20), after = 1 + step_draw(step, 20);
	char c;

	if (link->shut || link->any || link->finished || link->nonblocking)
		return;
	link_put(link, link->fd, before);
	if (sigsetjmp(out, 1) == 0) {
		handle(SIGALRM, handler_jumps);
		alarm_soon();
		if (polls)
			poll(&(struct pollfd){link->fd, POLLIN, 0}, 1, -1);
		note("  NOT JUMPED %zd", read(link->fd, &c, 1));
	}
	link_put(link, link->fd, after);
}

/* ---- cancellation ---- */

struct cancelled {
	struct link *link;
	bool itself;
};

static void *cancelled(void *argument)
{
	struct cancelled *which = argument;
	char c = 'x';

	/* It is known what it wrote before. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	link_put(which->link, which->link->fd, 5);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	if (which->itself) {
		pthread_cancel(pthread_self());
		(void)!write(which->link->fd, &c, 1);
	} else {
		(void)!read(which->link->fd, &c, 1);
	}
	return NULL;
}

/* A thread ends in a write that it never makes, or in a read. */
PLAY(cancel)
{
	struct cancelled which = {link_of(step), step_draw(step, 2)};
	pthread_t thread;
	void *answer;

	if (which.link->shut || which.link->any || which.link->finished || which.link->nonblocking)
		return;
	NEED(pthread_create(&thread, NULL, cancelled, &which) == 0);
	if (!which.itself)
		NEED(pthread_cancel(thread) == 0);
	NEED(pthread_join(thread, &answer) == 0);
	note("  cancelled %d", answer == PTHREAD_CANCELED);
	link_put(which.link, which.link->fd, 1 + step_draw(step, 20));
}
