/* The end of a folder that a run was recorded in, with all that others laid there. Must not follow
 * a link, nor empty a folder of our own user's: nobody but COMMAND, who did not ask us to, can have
 * made it. Those of others are emptied by lifting what is in them one level up, for they may be
 * nested deeper than there are descriptors or names. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/record/left.h"
#include "tools/record/place.h"
#include "tools/record/record.h"

enum { PASSES = 1 << 16 }; /* who makes more and more meanwhile is not waited for */

static DIR *open_in(int folder, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	const int fd = openat(folder, name, flags);

	return fd >= 0 ? fdopendir(fd) : NULL;
}

/* Names that are taken are left to the next pass. */
static bool lift_all(int top, const char *name)
{
	static uint64_t lifted;
	DIR *folder = open_in(top, name);
	struct dirent *entry;
	bool moved = false;

	while (folder && (entry = readdir(folder))) {
		char to[32];

		if (place_is_dot(entry->d_name))
			continue;
		snprintf(to, sizeof(to), "lifted.%llu", (unsigned long long)++lifted);
		moved |= unlinkat(dirfd(folder), entry->d_name, 0) == 0 ||
			 renameat2(dirfd(folder), entry->d_name, top, to, RENAME_NOREPLACE) == 0;
	}
	if (folder)
		closedir(folder);
	return unlinkat(top, name, AT_REMOVEDIR) == 0 || moved;
}

static bool is_ours(int top, const char *name)
{
	struct stat status;

	return fstatat(top, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || status.st_uid == geteuid();
}

static bool remove_one(int top, const char *name)
{
	return unlinkat(top, name, 0) == 0 || unlinkat(top, name, AT_REMOVEDIR) == 0 ||
	       (!is_ours(top, name) && lift_all(top, name));
}

/* Whether something went. */
static bool remove_some(int top)
{
	DIR *folder = open_in(top, ".");
	struct dirent *entry;
	bool some = false;

	while (folder && (entry = readdir(folder)))
		if (!place_is_dot(entry->d_name) && strcmp(entry->d_name, LEFT_MARK) != 0)
			some |= remove_one(top, entry->d_name);
	if (folder)
		closedir(folder);
	return some;
}

bool folder_remove(const struct record *record)
{
	const int top = open(record->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (top < 0)
		return false;
	for (int i = 0; i < PASSES && remove_some(top); i++)
		;
	close(top);
	return left_end(record);
}
