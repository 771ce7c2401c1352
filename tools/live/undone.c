/* Puts back what was. A descriptor may have another number by now: the cookie says which it is. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/live/borrow.h"
#include "tools/live/descriptors.h"
#include "tools/live/undo.h"

/* -ESTALE: the process has it no more; -errno of borrow.h. */
static int find(const struct undo *undo, struct touched *socket)
{
	struct descriptors all = {.of = NULL};
	struct borrowed borrowed;
	int error = descriptors_take(&all, undo->pid), result = -ESTALE;

	for (size_t i = 0; !error && result == -ESTALE && i < all.count; i++) {
		if (borrow_ask(socket->process, all.of[i].fd, &borrowed) != 0 ||
			borrowed.socket.cookie != undo->cookie)
			continue;
		socket->fd = all.of[i].fd;
		result = 0;
	}
	free(all.of);
	return error ? error : result;
}

/* We were killed between the line and the option, or just after: how we left it is not known. */
static int put_back_unseen(const struct touched *socket, const struct undo *undo)
{
	struct option_state now;
	const int error = touch_read(socket, undo->option, &now);

	if (error)
		return error;
	return option_state_is_same(&now, &undo->was)
		       ? -EALREADY
		       : touch_restore(socket, undo->option, &undo->was, &now);
}

static int put_back(const struct touched *socket, const struct undo *undo)
{
	return undo->set ? touch_restore(socket, undo->option, &undo->was, &undo->left)
			 : put_back_unseen(socket, undo);
}

/* 0; -ESRCH: it has ended, and the number may be another's; -EACCES: /proc hides it. */
static int compare_start(int process, const struct undo *undo)
{
	const uint64_t started = undo_started(undo->pid);

	if (!started && !borrow_has_ended(process))
		return -EACCES;
	return started && started == undo->started ? 0 : -ESRCH;
}

int undo_put_back(const struct undo *undo)
{
	struct touched socket = {.process = borrow_open(undo->pid),
		.fd = undo->fd,
		.cookie = undo->cookie,
		.v6 = undo->v6};
	int error = socket.process < 0 ? socket.process : 0;

	if (!error)
		error = compare_start(socket.process, undo);
	if (!error)
		error = put_back(&socket, undo);
	if (error == -ESTALE)
		error = find(undo, &socket) ? -ESTALE : put_back(&socket, undo);
	if (socket.process >= 0)
		close(socket.process);
	return error;
}
