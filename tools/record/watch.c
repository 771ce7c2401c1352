/* A look lists the sockets of COMMAND's processes and asks the kernel about all connections; it
 * keeps those that are in both. What is made and over between two looks is not seen. Must not be
 * felt by COMMAND: nothing is opened in it, nothing of it stopped. */
#include "tools/record/watch.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/live/family.h"
#include "tools/record/clock.h"
#include "tools/base/harmless.h"

enum {
	PROCESSES = 1024,
	SOCKETS = 16384, /* in one look */
	ROWS = 4096,	 /* in all */
	FIRST_MS = 10,	 /* short jobs are seen, too */
	OFTEN_MS = 100,
	SELDOM_MS = 10000,
	SHARE = 100,	    /* of the time, for looking: one part */
	FREE_NS = 20000000, /* and so much in any case: short jobs are seen, too */
};

struct held {
	uint32_t inode;
	pid_t pid;
};

struct watch {
	int kernel; /* see sockets_open(); negative: not open */
	uint32_t inherited[SOCKETS];
	size_t inherited_count;
	size_t processes; /* at most */
	pid_t pid[PROCESSES];
	uint32_t inode[SOCKETS];
	struct held held[SOCKETS];
	size_t held_count;
	struct watched row[ROWS];
	size_t rows;
	uint64_t began, took; /* ns: the first look; all of them */
	int wait_ms;
};

struct watch *watch_new(bool alone)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->inherited_count = family_sockets(getpid(), watch->inherited, SOCKETS);
	watch->kernel = -1;
	watch->processes = alone ? 1 : PROCESSES;
	watch->wait_ms = FIRST_MS / 2;
	return watch;
}

void watch_free(struct watch *watch)
{
	if (watch && watch->kernel >= 0)
		close(watch->kernel);
	free(watch);
}

size_t watch_rows(const struct watch *watch, const struct watched **row)
{
	*row = watch ? watch->row : NULL;
	return watch ? watch->rows : 0;
}

static int by_inode(const void *left, const void *right)
{
	const uint32_t a = ((const struct held *)left)->inode;
	const uint32_t b = ((const struct held *)right)->inode;

	return (a > b) - (a < b);
}

static bool is_inherited(const struct watch *watch, uint32_t inode)
{
	for (size_t i = 0; i < watch->inherited_count; i++)
		if (watch->inherited[i] == inode)
			return true;
	return false;
}

static void list_sockets(struct watch *watch, pid_t root)
{
	const size_t processes = family_of(root, watch->pid, watch->processes);

	watch->held_count = 0;
	for (size_t p = 0; p < processes; p++) {
		const size_t most = SOCKETS - watch->held_count;
		const size_t count = family_sockets(watch->pid[p], watch->inode, most);

		for (size_t i = 0; i < count; i++)
			if (!is_inherited(watch, watch->inode[i]))
				watch->held[watch->held_count++] =
					(struct held){watch->inode[i], watch->pid[p]};
	}
	qsort(watch->held, watch->held_count, sizeof(*watch->held), by_inode);
}

static void take_name(struct watched *row)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)row->pid);
	file = fopen(path, "re");
	if (file && fgets(row->program, sizeof(row->program), file))
		row->program[strcspn(row->program, "\n")] = '\0';
	text_harmless(row->program);
	if (file)
		fclose(file);
}

static struct watched *row_of(struct watch *watch, const struct socket_state *socket, pid_t pid)
{
	for (size_t i = 0; i < watch->rows; i++)
		if (watch->row[i].socket.cookie == socket->cookie)
			return &watch->row[i];
	if (watch->rows == ROWS)
		return NULL;
	watch->row[watch->rows].pid = pid;
	take_name(&watch->row[watch->rows]);
	return &watch->row[watch->rows++];
}

static void take(void *context, const struct socket_state *socket)
{
	struct watch *watch = context;
	const struct held wanted = {.inode = socket->inode};
	const struct held *held;
	struct watched *row;

	if (!socket->inode || !watch->held_count)
		return;
	held = bsearch(&wanted, watch->held, watch->held_count, sizeof(*held), by_inode);
	row = held ? row_of(watch, socket, held->pid) : NULL;
	if (row)
		row->socket = *socket;
}

/* Twice as long each time, and so long that all looks together have their share. */
static int next_wait(const struct watch *watch, uint64_t now)
{
	const uint64_t earned = FREE_NS + (now - watch->began) / SHARE;
	const uint64_t owed = watch->took > earned ? (watch->took - earned) / 1000000 * SHARE : 0;
	const int wait_ms = watch->wait_ms < OFTEN_MS / 2 ? 2 * watch->wait_ms : OFTEN_MS;

	if (owed <= (uint64_t)wait_ms)
		return wait_ms;
	return owed < SELDOM_MS ? (int)owed : SELDOM_MS;
}

int watch_look(struct watch *watch, pid_t root)
{
	const uint64_t began = clock_read(CLOCK_MONOTONIC);
	uint64_t now;

	if (!watch->began)
		watch->began = began;
	list_sockets(watch, root);
	/* not before COMMAND is started: it may be short of descriptors, as we are */
	if (watch->held_count && watch->kernel < 0)
		watch->kernel = sockets_open();
	if (watch->held_count && watch->kernel >= 0)
		sockets_each(watch->kernel, take, watch);
	now = clock_read(CLOCK_MONOTONIC);
	watch->took += now - began;
	watch->wait_ms = next_wait(watch, now);
	return watch->wait_ms;
}
