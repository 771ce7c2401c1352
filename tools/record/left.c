/* Finds what was left behind, and puts it where recordings are kept: nothing that was recorded is
 * lost, and the memory is free again. Must not touch what others own, what somebody writes to, or
 * a folder that no record has made.
 *
 * A folder is locked (flock(2)) from its first moment on, for as long as its record lives. In it
 * lies a mark until the run is put away or goes on by itself. So one that is not locked
 *   and is empty  was left in its first or its last moment, and goes;
 *   has a mark    is to be put away, or, where the mark has a byte, is put away and to be removed;
 *   has none      is nobody's business but its user's. */
#include "tools/record/left.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/record/files.h"
#include "tools/record/living.h"
#include "tools/record/place.h"
#include "tools/show/text.h"
#include "tools/trace/run.h"

/* In the folder. */
static void mark_path(char path[PATH_MAX + 16], const char *folder)
{
	snprintf(path, PATH_MAX + 16, "%s/" LEFT_MARK, folder);
}

static int open_folder(const char *folder)
{
	return open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Whether the folder of that name still is the one that is open. */
static bool is_there(int fd, const char *folder)
{
	struct stat open, named;

	return fstat(fd, &open) == 0 && lstat(folder, &named) == 0 && open.st_ino == named.st_ino &&
	       open.st_dev == named.st_dev;
}

bool left_begin(struct record *record)
{
	int mark;

	record->lock = open_folder(record->folder);
	if (record->lock < 0)
		return true;
	if (flock(record->lock, LOCK_EX) != 0) {
		left_release(record);
		return true;
	}
	if (!is_there(record->lock, record->folder)) {
		left_release(record);
		return false;
	}
	mark = openat(record->lock, LEFT_MARK, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (mark >= 0)
		close(mark);
	return true;
}

void left_release(struct record *record)
{
	if (record->lock >= 0)
		close(record->lock);
	record->lock = -1;
}

void left_unmark(const struct record *record)
{
	char path[PATH_MAX + 16];

	mark_path(path, record->folder);
	unlink(path);
}

void left_kept(const struct record *record)
{
	char path[PATH_MAX + 16];

	mark_path(path, record->folder);
	if (truncate(path, 1) != 0) /* which takes no room on a disk that is full */
		unlink(path);
}

bool left_end(const struct record *record)
{
	bool empty = true;
	DIR *folder = opendir(record->folder);
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		empty = empty &&
			(place_is_dot(entry->d_name) || strcmp(entry->d_name, LEFT_MARK) == 0);
	if (folder)
		closedir(folder);
	if (empty)
		left_unmark(record);
	return rmdir(record->folder) == 0;
}

/* Locked, where it is ours and its record is gone; else -1. Of several who come at once one gets
 * it. */
static int take_left(const char *folder)
{
	const int fd = open_folder(folder);
	struct stat status;

	if (fd < 0)
		return -1;
	/* who was faster may have put it away meanwhile */
	if (fstat(fd, &status) == 0 && status.st_uid == geteuid() &&
		flock(fd, LOCK_EX | LOCK_NB) == 0 && is_there(fd, folder))
		return fd;
	close(fd);
	return -1;
}

/* Whether the killed record had it there already, but for its end. What it had begun to copy
 * goes. */
static bool is_kept(const struct record *record, const struct run *run)
{
	char place[PATH_MAX], *why = NULL;
	struct run *kept;
	bool same;

	if (!place_choose(record, NULL, place))
		return false;
	kept = run_read_summary(place, &why);
	same = kept && kept->began == run->began && kept->started_wall == run->started_wall;
	if (!kept)
		files_take_back(record, place);
	free(why);
	run_free(kept);
	return same;
}

/* Where it cannot be kept now it stays marked: the next one tries again. */
static void put_away(struct record *record, const struct run *run)
{
	char place[PATH_MAX], state[PATH_MAX];

	snprintf(record->name, sizeof(record->name), "%s", run->name);
	record->began = run->began;
	record->limit = run->limit;
	folder_close(record);
	if (!store_state(state))
		return;
	if (is_kept(record, run))
		folder_remove(record);
	else if (store_move(record, NULL, place))
		say("run %s, whose sockfix record was killed, is kept in %s", record->name, place);
}

static bool has_json(const struct record *record)
{
	return faccessat(record->lock, "run.json", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Of one that has no run.json COMMAND was not started. One that cannot be read is said to be there,
 * once. */
static void look_in(struct record *record)
{
	struct living living;
	char *why = NULL;
	struct run *run = run_read(record->folder, &why);
	const bool empty = run ? !run->processes : !has_json(record);

	free(why);
	why = NULL;
	if (!run)
		run = run_read_summary(record->folder, &why);
	living_look(record->folder, run ? run->began : 0, &living);
	if (living.count) {
		/* it goes on */
	} else if (empty) {
		folder_remove(record);
	} else if (run) {
		put_away(record, run);
	} else {
		left_unmark(record);
		say("%s, whose sockfix record was killed, stays there", why);
	}
	free(why);
	run_free(run);
}

/* As left_begin() and left_kept() leave it. Others may link there a file of ours that they found.
 */
static bool is_mark(const struct stat *mark)
{
	return S_ISREG(mark->st_mode) && mark->st_uid == geteuid() && mark->st_nlink == 1 &&
	       mark->st_size <= 1;
}

static void look_at(const char *folder)
{
	struct record record = {.status = -1, .lock = take_left(folder)};
	struct stat mark;

	if (record.lock < 0)
		return;
	snprintf(record.folder, sizeof(record.folder), "%s", folder);
	if (fstatat(record.lock, LEFT_MARK, &mark, AT_SYMLINK_NOFOLLOW) != 0)
		rmdir(folder);
	else if (!is_mark(&mark))
		; /* nobody's of us */
	else if (mark.st_size)
		folder_remove(&record);
	else
		look_in(&record);
	left_release(&record);
}

/* As mkdtemp(3) has made it. */
static bool is_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789";
	const size_t prefix = sizeof(FOLDER_PREFIX) - 1;

	return strncmp(name, FOLDER_PREFIX, prefix) == 0 && strlen(name) == prefix + 6 &&
	       strspn(name + prefix, letters) == 6;
}

void left_clear(const char *parent)
{
	DIR *folder = opendir(parent);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char path[PATH_MAX];

		if (is_name(entry->d_name) && snprintf(path, sizeof(path), "%s/%s", parent,
						      entry->d_name) < (int)sizeof(path))
			look_at(path);
	}
	if (folder)
		closedir(folder);
}
