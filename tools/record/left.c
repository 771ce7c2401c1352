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
#include "tools/base/text.h"
#include "tools/read/run.h"

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
	struct record record = {.status = -1, .lock = left_take(folder)};
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
