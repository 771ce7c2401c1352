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
#include "tools/record/left.h"
#include "tools/record/place.h"
#include "tools/record/record.h"
#include "tools/base/text.h"

enum { TRIES = 64, POOL = 4 << 20 /* bytes */ };

static bool make_below(struct record *record, const char *parent)
{
	do {
		if (snprintf(record->folder, sizeof(record->folder), "%s/" FOLDER_PREFIX "XXXXXX",
			    parent) >= (int)sizeof(record->folder) ||
			!mkdtemp(record->folder))
			return false;
	} while (!left_begin(record)); /* who clears up was faster */
	return true;
}

/* False: errno. */
static bool write_budget(const struct record *record)
{
	struct trace_budget budget = {.magic = TRACE_BUDGET_MAGIC};
	char path[PATH_MAX + 16];
	bool written;
	int fd;

	budget.left = record->limit;
	budget.ticks = host_clock_is_tsc();
	snprintf(path, sizeof(path), "%s/" TRACE_BUDGET, record->folder);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	written = fd >= 0 && write(fd, &budget, sizeof(budget)) == (ssize_t)sizeof(budget);
	if (fd >= 0)
		close(fd);
	return written;
}

/* Programs that start as another user, below root, make their files beside ours, see the budget and
 * cannot see what else is there. */
static void let_guests_in(const struct record *record)
{
	char path[PATH_MAX + 16];

	if (geteuid() != 0)
		return;
	snprintf(path, sizeof(path), "%s/" TRACE_BUDGET, record->folder);
	if (chmod(path, 0644) == 0)
		chmod(record->folder, TRACE_GUESTS);
}

/* Traces want a tenth of it free (shim/record/room.c), and room for themselves. */
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

/* Nobody but root and us can take away there what we made, and put another in its place. */
static bool is_safe(const char *folder)
{
	struct stat status;

	return stat(folder, &status) == 0 && (status.st_uid == 0 || status.st_uid == geteuid()) &&
	       (!(status.st_mode & 022) || status.st_mode & S_ISVTX);
}

static bool can_be_written(const char *folder)
{
	return folder && *folder == '/' && access(folder, W_OK | X_OK) == 0 && is_safe(folder);
}

/* Whether guests of root's can get into it. */
static bool can_be_entered(const char *folder)
{
	struct stat status;

	return geteuid() != 0 || (stat(folder, &status) == 0 && status.st_mode & S_IXOTH);
}

enum { PARENTS = 5 };

/* Those that can be written, as it seems; before all others those that guests get into. */
static size_t list_parents(const char *list[PARENTS])
{
	static char state[PATH_MAX], runtime[PATH_MAX];
	/* what a service keeps; what is gone when it stops comes late */
	const char *const parent[] = {folder_of_service("STATE_DIRECTORY", state) ? state : NULL,
		getenv("XDG_RUNTIME_DIR"), "/dev/shm",
		folder_of_service("RUNTIME_DIRECTORY", runtime) ? runtime : NULL, "/run"};
	size_t count = 0;

	for (int entered = 1; entered >= 0; entered--)
		for (size_t i = 0; i < PARENTS; i++)
			if (can_be_written(parent[i]) && can_be_entered(parent[i]) == entered)
				list[count++] = parent[i];
	return count;
}

const char *folder_parent(void)
{
	const char *parent[PARENTS];

	return list_parents(parent) ? parent[0] : NULL;
}

static bool furnish(const struct record *record)
{
	write_pool(record);
	if (!write_budget(record))
		return false;
	let_guests_in(record);
	return true;
}

/* What was left there goes first: its room may be needed. False: errno. */
static bool make_in(struct record *record, const char *parent)
{
	int error;

	left_clear(parent);
	if (!make_below(record, parent))
		return false;
	choose_name(record);
	if (furnish(record))
		return true;
	error = errno;
	folder_remove(record);
	left_release(record);
	errno = error;
	return false;
}

bool folder_make(struct record *record)
{
	const char *parent[PARENTS];
	const size_t count = list_parents(parent);

	for (size_t i = 0; i < count; i++)
		if (make_in(record, parent[i]))
			return true;
	say("no folder for the recording: neither XDG_RUNTIME_DIR nor /dev/shm nor /run "
	    "can be written (%s)",
		strerror(errno));
	return false;
}

/* The library writes to no folder that others may write to: who can take a file away there could
 * put another in its place. */
static bool is_ours_alone(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && status.st_uid == geteuid() && !(status.st_mode & 022);
}

bool folder_make_at(struct record *record, const char *option, const char *wanted)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s", wanted) >= (int)sizeof(path) || !place_make(path) ||
		!realpath(path, record->folder)) {
		say("%s%s: %s", option, wanted, place_why(errno));
		return false;
	}
	if (!is_ours_alone(record->folder)) {
		say("%s%s: others may write there, or own it: the recording is made in it "
		    "(--exec)",
			option, wanted);
		return false;
	}
	choose_name(record);
	if (furnish(record))
		return true;
	say("%s%s: %s", option, wanted, strerror(errno));
	return false;
}
