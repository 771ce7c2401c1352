/* Finds what was left behind, and puts it where recordings are kept: nothing that was recorded is
 * lost, and the memory is free again. Must not touch what others own, or what somebody writes to.
 */
#include "tools/record/left.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/record/living.h"
#include "tools/show/text.h"
#include "tools/trace/run.h"

/* In the folder; whoever looks while it is made finds it locked, or not at all. */
static void mark_path(char path[PATH_MAX + 16], const char *folder)
{
	snprintf(path, PATH_MAX + 16, "%s/" LEFT_MARK, folder);
}

int left_mark(const struct record *record)
{
	char path[PATH_MAX + 16];
	int fd;

	fd = open(record->folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	mark_path(path, record->folder);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		char self[32];

		snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
		if (linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
			return fd;
	}
	close(fd);
	return -1;
}

void left_unmark(const struct record *record)
{
	char path[PATH_MAX + 16];

	mark_path(path, record->folder);
	unlink(path);
}

/* The mark's descriptor, locked, where it is marked and its marker is gone; else -1. Of several who
 * come at once one gets it. */
static int take_left(const char *folder)
{
	char path[PATH_MAX + 16];
	struct stat status, again;
	int fd;

	mark_path(path, folder);
	if (lstat(folder, &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid())
		return -1;
	fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	/* who was faster may have put it away meanwhile */
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
		flock(fd, LOCK_EX | LOCK_NB) == 0 && lstat(path, &again) == 0 &&
		again.st_ino == status.st_ino)
		return fd;
	close(fd);
	return -1;
}

/* Where it cannot be kept now it stays marked: the next one tries again. */
static void put_away(struct record *record, const struct run *run)
{
	char place[PATH_MAX], state[PATH_MAX];

	snprintf(record->name, sizeof(record->name), "%s", run->name);
	if (!run->processes)
		folder_remove(record);
	else if (store_state(state) && store_move(record, NULL, place))
		say("run %s, whose sockfix record was killed, is kept in %s", record->name, place);
}

static void look_at(const char *folder)
{
	struct record record = {.status = -1};
	const int mark = take_left(folder);
	struct living living;
	char *why = NULL;
	struct run *run = mark < 0 ? NULL : run_read(folder, &why);

	free(why);
	if (run) {
		snprintf(record.folder, sizeof(record.folder), "%s", folder);
		living_look(folder, run->began, &living);
		if (!living.count)
			put_away(&record, run);
		run_free(run);
	}
	if (mark >= 0)
		close(mark);
}

void left_clear(void)
{
	const char *parent = folder_parent();
	DIR *folder = parent ? opendir(parent) : NULL;
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char path[PATH_MAX];

		if (strncmp(entry->d_name, FOLDER_PREFIX, sizeof(FOLDER_PREFIX) - 1) == 0 &&
			snprintf(path, sizeof(path), "%s/%s", parent, entry->d_name) <
				(int)sizeof(path))
			look_at(path);
	}
	if (folder)
		closedir(folder);
}
