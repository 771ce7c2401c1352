/* The folder that the processes of a run write their traces to, and the budget that they share. In
 * memory where that can be had: a mapped file on a disk can stall its writer. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "shim/trace_format.h"
#include "tools/record/record.h"
#include "tools/show/text.h"

enum { TRIES = 64, POOL = 4 << 20 /* bytes */ };

static bool make_below(struct record *record, const char *parent)
{
	if (!parent || snprintf(record->folder, sizeof(record->folder),
			       "%s/" FOLDER_PREFIX "XXXXXX", parent) >= (int)sizeof(record->folder))
		return false;
	return mkdtemp(record->folder) != NULL;
}

static bool write_budget(const struct record *record, int64_t limit)
{
	struct trace_budget budget = {.magic = TRACE_BUDGET_MAGIC};
	char path[PATH_MAX + 16];
	int fd;
	bool written;

	budget.left = limit;
	budget.ticks = host_clock_is_tsc();
	snprintf(path, sizeof(path), "%s/" TRACE_BUDGET, record->folder);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	written = fd >= 0 && write(fd, &budget, sizeof(budget)) == (ssize_t)sizeof(budget);
	if (!written)
		say("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return written;
}

/* Traces want a tenth of it free (shim/trace_room.c), and room for themselves. */
static bool has_room_for_pool(const char *folder)
{
	struct statvfs disk;

	return statvfs(folder, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_bsize / 8 >= POOL;
}

/* For processes that become another user, which root's alone can; beside the limit, and small
 * enough to be had. Where it cannot be had the run does without. */
static void write_pool(const struct record *record)
{
	struct trace_pool pool = {.magic = TRACE_POOL_MAGIC,
		.taken = TRACE_POOL_HEAD / TRACE_BLOCK,
		.blocks = POOL / TRACE_BLOCK};
	char path[PATH_MAX + 16];
	int fd;

	if (geteuid() != 0 || !has_room_for_pool(record->folder))
		return;
	snprintf(path, sizeof(path), "%s/" TRACE_POOL, record->folder);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (fallocate(fd, 0, 0, POOL) != 0 || write(fd, &pool, sizeof(pool)) != sizeof(pool))
		unlink(path);
	close(fd);
}

/* Nobody needed it. */
void folder_end_pool(const struct record *record)
{
	struct trace_pool pool;
	char path[PATH_MAX + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/" TRACE_POOL, record->folder);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return;
	if (read(fd, &pool, sizeof(pool)) == sizeof(pool) && pool.pieces == 0)
		unlink(path);
	close(fd);
}

/* One that no kept run has; where the tries find none, it will stay where it was made. */
static void choose_name(struct record *record)
{
	char state[PATH_MAX], path[PATH_MAX + sizeof(record->name)];
	const bool kept = store_state(state);
	uint16_t number;

	for (int i = 0; i < TRIES; i++) {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			number = (uint16_t)(getpid() + i);
		snprintf(record->name, sizeof(record->name), "%04x", number);
		if (!kept)
			return;
		snprintf(path, sizeof(path), "%s/%s", state, record->name);
		if (access(path, F_OK) != 0)
			return;
	}
}

const char *folder_parent(void)
{
	const char *const parent[] = {getenv("XDG_RUNTIME_DIR"), "/dev/shm", "/run"};

	for (size_t i = 0; i < sizeof(parent) / sizeof(*parent); i++)
		if (parent[i] && *parent[i] == '/' && access(parent[i], W_OK | X_OK) == 0)
			return parent[i];
	return NULL;
}

bool folder_make(struct record *record, int64_t limit)
{
	if (!make_below(record, folder_parent())) {
		say("no folder for the recording: neither XDG_RUNTIME_DIR nor /dev/shm nor /run "
		    "can be written (%s)",
			strerror(errno));
		return false;
	}
	choose_name(record);
	write_pool(record);
	return write_budget(record, limit);
}
