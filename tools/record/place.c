/* Where a recording goes when it is over, looked at before COMMAND runs: a job of hours must not
 * end with the news that its recording has no place. */
#include "tools/record/place.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/base/text.h"

static bool is_empty(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	bool empty = true;

	if (!folder)
		return false;
	while ((entry = readdir(folder)))
		empty = empty && place_is_dot(entry->d_name);
	closedir(folder);
	if (!empty)
		errno = EEXIST;
	return empty;
}

/* Cuts the last part off. */
static void go_up(char *path)
{
	char *slash;

	while ((slash = strrchr(path, '/')) && slash != path && !slash[1])
		*slash = '\0';
	if (slash)
		slash[slash == path] = '\0';
	else
		strcpy(path, ".");
}

/* Whether files can be made in it, or, where it is missing, it in the folder above. */
static bool can_write(const char *wanted)
{
	char path[PATH_MAX];
	struct stat status;

	if (snprintf(path, sizeof(path), "%s", wanted) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	while (lstat(path, &status) != 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			return false;
		go_up(path);
	}
	if (stat(path, &status) != 0)
		return false;
	errno = ENOTDIR;
	return S_ISDIR(status.st_mode) && access(path, W_OK | X_OK) == 0;
}

bool place_may_be(const char *wanted)
{
	return can_write(wanted) && (access(wanted, F_OK) != 0 || is_empty(wanted));
}

bool place_choose(const struct record *record, const char *wanted, char place[PATH_MAX])
{
	char state[PATH_MAX];

	if (wanted)
		return snprintf(place, PATH_MAX, "%s", wanted) < PATH_MAX;
	if (store_state(state))
		return snprintf(place, PATH_MAX, "%s/%s", state, record->name) < PATH_MAX;
	say("neither HOME nor XDG_STATE_HOME names a folder: the recording stays in %s",
		record->folder);
	return false;
}

/* errno says why the first folder that is missing could not be made. */
static bool make_all(char *place)
{
	int error = ENOENT;

	for (char *c = place + 1; *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		if (mkdir(place, 0700) != 0 && errno != EEXIST && error == ENOENT)
			error = errno;
		*c = '/';
	}
	if (mkdir(place, 0700) == 0 || errno == EEXIST)
		return true;
	if (errno == ENOENT)
		errno = error;
	return false;
}

bool place_make_folder(char *place)
{
	return make_all(place);
}

bool place_make(char *place)
{
	return make_all(place) && is_empty(place);
}

const char *place_why(int error)
{
	return error == EEXIST ? "is not an empty folder" : strerror(error);
}
