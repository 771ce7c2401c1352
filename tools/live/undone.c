/* Puts back what was. A descriptor may have another number by now: the cookie says which it is. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/live/borrow.h"
#include "tools/live/descriptors.h"
#include "tools/live/undo.h"
#include "tools/live/who.h"

struct undo_place {
	uint64_t cookie; /* first: they are sorted by it */
	int fd;
};

static int compare(const void *left, const void *right)
{
	const struct undo_place *a = left, *b = right;

	return (a->cookie > b->cookie) - (a->cookie < b->cookie);
}

/* Each is borrowed once, for all lines. */
static void take_places(struct undo_process *process)
{
	struct descriptors all = {.of = NULL};
	struct borrowed borrowed;

	if (descriptors_take(&all, process->pid) != 0)
		return;
	process->of = memory_take(all.count, sizeof(*process->of));
	for (size_t i = 0; i < all.count; i++)
		if (borrow_ask(process->process, all.of[i].fd, &borrowed) == 0)
			process->of[process->count++] =
				(struct undo_place){borrowed.socket.cookie, all.of[i].fd};
	free(all.of);
	qsort(process->of, process->count, sizeof(*process->of), compare);
}

/* False: the process has it no more. */
static bool find(struct undo_process *process, struct touched *socket)
{
	const struct undo_place wanted = {.cookie = socket->cookie};
	const struct undo_place *place;

	if (!process->of)
		take_places(process);
	place = process->count
			? bsearch(&wanted, process->of, process->count, sizeof(wanted), compare)
			: NULL;
	if (place)
		socket->fd = place->fd;
	return place;
}

/* 0; -ESRCH: it has ended, and the number may be another's; -EACCES: /proc hides it. */
static int compare_start(int process, const struct undo *undo)
{
	const uint64_t started = who_began(undo->pid);

	if (!started && !borrow_has_ended(process))
		return -EACCES;
	return started && started == undo->started ? 0 : -ESRCH;
}

void undo_process_end(struct undo_process *process)
{
	if (process->pid && process->process >= 0)
		close(process->process);
	free(process->of);
	*process = (struct undo_process){.pid = 0};
}

static void begin(struct undo_process *process, const struct undo *undo)
{
	if (process->pid == undo->pid)
		return;
	undo_process_end(process);
	process->pid = undo->pid;
	process->process = borrow_open(undo->pid);
	process->error =
		process->process < 0 ? process->process : compare_start(process->process, undo);
}

int undo_put_back(struct undo_process *process, const struct undo *undo, struct option_state *now)
{
	struct touched socket = {.fd = undo->fd, .cookie = undo->cookie, .v6 = undo->v6};
	int error;

	begin(process, undo);
	if (process->error)
		return process->error;
	socket.process = process->process;
	error = touch_restore(&socket, undo->option, &undo->was, &undo->left);
	if (error == -ESTALE && find(process, &socket))
		error = touch_restore(&socket, undo->option, &undo->was, &undo->left);
	return error ? error : touch_read(&socket, undo->option, now);
}
