/* The files of a run on their way to another folder, or to their end. Half a run is none: what
 * cannot be copied whole stays where it is. */
#include "tools/record/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/regular.h"
#include "shim/trace_format.h"
#include "tools/record/left.h"
#include "tools/record/place.h"

/* Not over a file that is there, and none is left behind half. */
static bool copy_file(const char *from, const char *to)
{
	struct stat status;
	const int in = regular_open(AT_FDCWD, from, O_NOFOLLOW, &status);
	ssize_t got = -1;
	int error, out = -1;

	errno = in == NOT_REGULAR ? EINVAL : -in;
	if (in >= 0)
		out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out >= 0)
		while ((got = sendfile(out, in, NULL, 1 << 20)) > 0)
			;
	error = errno;
	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) != 0)
		got = -1;
	if (out >= 0 && got != 0)
		unlink(to);
	errno = error;
	return got == 0;
}

/* Others may make files in a folder of root's; of theirs it takes what programs of the run make. */
static bool is_of_the_run(int folder, const char *name)
{
	const size_t length = strlen(name), suffix = sizeof(".trace") - 1;
	struct stat status;

	if (strcmp(name, LEFT_MARK) == 0)
		return false;
	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || status.st_uid == geteuid())
		return true;
	/* what is allocated has taken its maker's memory, not only a number */
	if (!S_ISREG(status.st_mode) || status.st_blocks * 512 < status.st_size)
		return false;
	return strncmp(name, TRACE_BUDGET "-", sizeof(TRACE_BUDGET)) == 0 ||
	       (length > suffix && strcmp(name + length - suffix, ".trace") == 0);
}

/* Up to the first that fails, whose name is left in `failed`; "": none did. */
static bool copy_all(const char *from, const char *to, char failed[NAME_MAX + 1])
{
	DIR *folder = opendir(from);
	struct dirent *entry;
	bool good = folder != NULL;

	*failed = '\0';
	while (good && (entry = readdir(folder))) {
		char old[PATH_MAX + 300], new[PATH_MAX + 300];

		if (place_is_dot(entry->d_name) || !is_of_the_run(dirfd(folder), entry->d_name))
			continue;
		snprintf(old, sizeof(old), "%s/%s", from, entry->d_name);
		snprintf(new, sizeof(new), "%s/%s", to, entry->d_name);
		good = copy_file(old, new);
		if (!good)
			snprintf(failed, NAME_MAX + 1, "%s", entry->d_name);
	}
	if (folder)
		closedir(folder);
	return good;
}

/* From `in`, what `of` has, up to that name. */
static void remove_files(const char *in, const char *of, const char *until)
{
	DIR *place = opendir(in), *folder = opendir(of);
	struct dirent *entry;

	while (place && folder && (entry = readdir(folder)) && strcmp(entry->d_name, until) != 0)
		if (!place_is_dot(entry->d_name))
			unlinkat(dirfd(place), entry->d_name, 0);
	if (folder)
		closedir(folder);
	if (place)
		closedir(place);
}

void folder_remove(const struct record *record)
{
	remove_files(record->folder, record->folder, "");
	rmdir(record->folder);
}

bool files_move(const char *from, const char *to)
{
	char failed[NAME_MAX + 1];
	const bool moved = copy_all(from, to, failed);
	const int error = errno;

	/* In `to` another run may have been faster: only what is ours goes. */
	remove_files(moved ? from : to, from, failed);
	if (moved)
		rmdir(from);
	errno = error;
	return moved;
}
