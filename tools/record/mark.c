/* The lock and the mark by which a folder whose record was killed is told from others (left.c). */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/record/left.h"
#include "tools/record/place.h"

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
int left_take(const char *folder)
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

void folder_close(const struct record *record)
{
	const int fd = open(record->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	fchmod(fd, 0700);
	close(fd);
}
