/* Steps that start this program again by a shell, or while a thread of ours that has written lives.
 */
#include <pthread.h>
#include <spawn.h>

#include "world.h"

/* Runs the child by a shell. */
static int run_shell(struct step *step, const struct link *link, size_t size)
{
	unsigned how = step_draw(step, 3);
	char command[512];
	FILE *pipe;

	snprintf(command, sizeof(command), "%sexec %s child %d %u %llu %zu",
		step_draw(step, 2) ? "LD_PRELOAD= " : "", self, link->fd, link->number,
		(unsigned long long)link->written, size);
	if (how == 0)
		return system(command);
	pipe = popen(command, how == 1 ? "r" : "w");
	NEED(pipe);
	return pclose(pipe);
}

PLAY(system)
{
	struct link *link = link_of(step);
	size_t size = 1 + step_draw(step, 30);

	if (!link_usable(link) || link->nonblocking || link->limit < SIZE_MAX)
		return;
	child_before(link, step);
	note("  shell %x", (unsigned)run_shell(step, link, size));
	link->written += size;
	link_put(link, link->fd, step_draw(step, 20));
}

/* What the program has set is there when a child that wrote has ended, whoever looks. */
PLAY(leftover)
{
	struct link *link = link_of(step);
	size_t size = 1 + step_draw(step, 30);
	struct child_words words;
	int off = 0;
	pid_t pid;

	if (!link_usable(link) || link->nonblocking || link->limit < SIZE_MAX || link->unseen)
		return;
	NOTE_CALL("TCP_NODELAY", setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &off, sizeof(off)));
	if (step_draw(step, 2)) {
		note("  shell %x", (unsigned)run_shell(step, link, size));
	} else {
		child_words(&words, link, link->fd, size);
		NEED(posix_spawn(&pid, self, NULL, NULL, words.argv, environ) == 0);
		note("  child %x", (unsigned)child_wait(step, pid));
	}
	link->written += size;
	note("  left with TCP_NODELAY %d", nodelay_left(link->fd));
}

/* ---- a thread that has written and stays, while another starts a program ---- */

struct stay {
	struct link *link;
	_Atomic int stage;
};

/* Where a thread waits without a call that a library could see. */
static void stay_until(struct stay *stay, int stage)
{
	while (stay->stage < stage)
		RAW3(SYS_sched_yield, 0, 0, 0);
}

static void *stayer(void *argument)
{
	struct stay *stay = argument;

	link_put(stay->link, stay->link->fd, 8);
	stay->stage = 1;
	stay_until(stay, 2);
	return NULL;
}

PLAY(stays)
{
	struct stay stay = {.link = link_of(step)};
	struct link *link = stay.link;
	size_t size = 1 + step_draw(step, 30);
	pthread_t thread;

	if (!link_usable(link) || link->nonblocking || link->limit < SIZE_MAX)
		return;
	NEED(pthread_create(&thread, NULL, stayer, &stay) == 0);
	stay_until(&stay, 1);
	note("  shell %x", (unsigned)run_shell(step, link, size));
	link->written += size;
	stay.stage = 2;
	NEED(pthread_join(thread, NULL) == 0);
	link_put(link, link->fd, step_draw(step, 20));
}
