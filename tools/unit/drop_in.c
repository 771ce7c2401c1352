/* By a file of another name, and rename(2). */
#include "tools/unit/drop_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/unit/parse.h"

static const char *const name_table[] = {UNIT_OURS ".rules", UNIT_OURS ".env", UNIT_OURS ".conf"};
enum { NAMES = 3 };

enum drop_in_whose drop_in_whose(const char *folder)
{
	char path[PATH_MAX], *text;
	enum drop_in_whose whose = DROP_IN_NONE;

	snprintf(path, sizeof(path), "%s/%s", folder, name_table[NAMES - 1]);
	text = parse_text(path);
	if (text)
		whose = strncmp(text, COMPOSE_MARK, strlen(COMPOSE_MARK)) == 0 ? DROP_IN_OURS
									       : DROP_IN_FOREIGN;
	else if (errno != ENOENT && errno != ENOTDIR)
		whose = DROP_IN_FOREIGN;
	free(text);
	return whose;
}

/* Folders of systemd's are for everybody to read. */
static int make_folders(char *path)
{
	for (char *c = path + 1;; c++) {
		const char was = *c;

		if (was != '/' && was)
			continue;
		*c = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			return -errno;
		*c = was;
		if (!was)
			return 0;
	}
}

static int write_all(int fd, const char *text)
{
	size_t length = strlen(text);
	ssize_t got;

	for (; length; text += got, length -= (size_t)got) {
		got = write(fd, text, length);
		if (got < 0 && errno != EINTR)
			return -errno;
		got = got < 0 ? 0 : got;
	}
	return fchmod(fd, 0644) == 0 && fsync(fd) == 0 ? 0 : -errno;
}

static int write_file(const char *folder, const char *name, const char *text)
{
	char path[PATH_MAX], made[PATH_MAX];
	int fd, error;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(made, sizeof(made), "%s/.%s.XXXXXX", folder, name);
	fd = mkostemp(made, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = write_all(fd, text);
	if (close(fd) != 0 && !error)
		error = -errno;
	if (!error && rename(made, path) != 0)
		error = -errno;
	if (error)
		unlink(made);
	return error;
}

static int remove_file(const char *folder, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
}

/* What the one before had and this has not, goes last: until then the old drop-in is whole. */
int drop_in_write(const char *folder, const struct composed *composed, char path[PATH_MAX])
{
	const char *const text[NAMES] = {composed->rules, composed->variables, composed->conf};
	const bool fresh = drop_in_whose(folder) == DROP_IN_NONE;
	int error;

	if (snprintf(path, PATH_MAX, "%s", folder) >= PATH_MAX - 64)
		return -ENAMETOOLONG;
	error = make_folders(path);
	for (int i = 0; i < NAMES && !error; i++) {
		snprintf(path, PATH_MAX, "%s/%s", folder, name_table[i]);
		if (text[i])
			error = write_file(folder, name_table[i], text[i]);
	}
	for (int i = 0; i < NAMES; i++)
		if (error ? fresh : !text[i])
			remove_file(folder, name_table[i]);
	if (error && fresh)
		rmdir(folder);
	return error;
}

int drop_in_remove(const char *folder, char path[PATH_MAX])
{
	int error = 0;

	for (int i = NAMES - 1; i >= 0 && !error; i--) {
		snprintf(path, PATH_MAX, "%s/%s", folder, name_table[i]);
		error = remove_file(folder, name_table[i]);
	}
	if (!error)
		rmdir(folder);
	return error;
}
