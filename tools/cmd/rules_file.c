/* Keeps long rules in a file: written whole beside its place, then renamed over it, since processes
 * may be about to read it. Must not know what rules say. */
#include "tools/cmd/rules_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tools/base/whole.h"
#include "tools/record/place.h"

#define FOLDER_OF_ROOT "/run/sockfix/rules"
#define UNUSED_SECONDS (365L * 24 * 3600)

/* FNV-1a: a name, no proof; the file is written anew each time. */
static uint64_t hash(const char *text)
{
	uint64_t sum = 14695981039346656037u;

	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * 1099511628211u;
	return sum;
}

/* For all to read, whatever the umask. 0 or -errno. */
static int make_readable(const char *path)
{
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return -errno;
	return chmod(path, 0755) == 0 ? 0 : -errno;
}

static int folder_of_root(char folder[PATH_MAX])
{
	int error = make_readable("/run/sockfix");

	snprintf(folder, PATH_MAX, "%s", FOLDER_OF_ROOT);
	return error ? error : make_readable(folder);
}

static int folder_of_user(char folder[PATH_MAX])
{
	char state[PATH_MAX];

	if (!store_state(state) || snprintf(folder, PATH_MAX, "%s/.rules", state) >= PATH_MAX)
		return -EDESTADDRREQ;
	return place_make_folder(folder) ? 0 : -errno;
}

static void remove_unused(int folder)
{
	const time_t limit = time(NULL) - UNUSED_SECONDS;
	const struct dirent *entry;
	const int again = dup(folder);
	DIR *directory = again < 0 ? NULL : fdopendir(again);

	while (directory && (entry = readdir(directory))) {
		struct stat status;

		if (fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(status.st_mode) && status.st_mtime < limit)
			unlinkat(folder, entry->d_name, 0);
	}
	if (directory)
		closedir(directory);
	else if (again >= 0)
		close(again);
}

static int write_named(int folder, const char *name, const char *line, mode_t mode)
{
	char beside[64];
	int fd, error;

	snprintf(beside, sizeof(beside), "%s.%d", name, (int)getpid());
	unlinkat(folder, beside, 0); /* of a process that had our number and was killed */
	fd = openat(folder, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	error = whole_write(fd, line, strlen(line));
	if (!error && fchmod(fd, mode) != 0)
		error = -errno;
	if (close(fd) != 0 && !error)
		error = -errno;
	if (!error && renameat(folder, beside, folder, name) != 0)
		error = -errno;
	if (error)
		unlinkat(folder, beside, 0);
	return error;
}

/* In that folder, which is there. */
static int keep_in(const char *folder, const char *line, mode_t mode, char value[PATH_MAX + 1])
{
	char name[32];
	int fd, error;

	snprintf(name, sizeof(name), "%016" PRIx64, hash(line));
	if (snprintf(value, PATH_MAX, "@%s/%s", folder, name) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = write_named(fd, name, line, mode);
	if (!error)
		remove_unused(fd);
	close(fd);
	return error;
}

static int keep_in_run(const char *line, char value[PATH_MAX + 1])
{
	char folder[PATH_MAX];
	const int error = folder_of_root(folder);

	return error ? error : keep_in(folder, line, 0644, value);
}

static int keep_in_state(const char *line, char value[PATH_MAX + 1])
{
	char folder[PATH_MAX];
	int error = folder_of_user(folder);

	if (!error)
		error = keep_in(folder, line, 0600, value);
	if (error)
		snprintf(value, PATH_MAX, "%s", folder);
	return error;
}

int rules_file_keep(const char *line, char value[PATH_MAX + 1])
{
	const int error = geteuid() == 0 ? keep_in_run(line, value) : -EDESTADDRREQ;
	int second;

	if (!error)
		return 0;
	/* also where a container has no /run, or none to write to */
	second = keep_in_state(line, value);
	if (second != -EDESTADDRREQ || error == -EDESTADDRREQ)
		return second;
	snprintf(value, PATH_MAX, "%s", FOLDER_OF_ROOT);
	return error;
}
