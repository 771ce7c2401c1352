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

#include "tools/base/whole.h"
#include "tools/base/text.h"
#include "tools/unit/parse.h"

static const char *const name_table[] = {UNIT_OURS ".rules", UNIT_OURS ".env", UNIT_OURS ".conf"};
enum { NAMES = 3 };

/* A file of theirs that bears the name of one of ours; there is no drop-in that could name it. */
static enum drop_in_whose whose_beside(const char *folder, char path[PATH_MAX])
{
	struct stat status;

	for (int i = 0; i < NAMES - 1; i++) {
		snprintf(path, PATH_MAX, "%s/%s", folder, name_table[i]);
		if (lstat(path, &status) == 0)
			return DROP_IN_FOREIGN;
	}
	return DROP_IN_NONE;
}

enum drop_in_whose drop_in_whose(const char *folder, char path[PATH_MAX])
{
	enum drop_in_whose whose;
	char *text;

	snprintf(path, PATH_MAX, "%s/%s", folder, name_table[NAMES - 1]);
	text = parse_text(path);
	if (text)
		whose = strncmp(text, COMPOSE_MARK, strlen(COMPOSE_MARK)) == 0 ? DROP_IN_OURS
									       : DROP_IN_FOREIGN;
	else if (errno != ENOENT && errno != ENOTDIR)
		whose = DROP_IN_FOREIGN;
	else
		whose = whose_beside(folder, path);
	free(text);
	return whose;
}

const char *drop_in_why(const char *path)
{
	return strcmp(text_base_name(path), UNIT_OURS ".conf") == 0 ? "its first line is another"
								    : "no " UNIT_OURS
								      ".conf of ours is beside it";
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

/* made: its name, "" where there is none. */
static int write_file(const char *folder, const char *name, const char *text, char made[PATH_MAX])
{
	int fd, error;

	snprintf(made, PATH_MAX, "%s/.%s.XXXXXX", folder, name);
	fd = mkostemp(made, O_CLOEXEC);
	if (fd < 0) {
		error = -errno;
		*made = '\0';
		return error;
	}
	error = whole_write(fd, text, strlen(text));
	if (!error && (fchmod(fd, 0644) != 0 || fsync(fd) != 0))
		error = -errno;
	if (close(fd) != 0 && !error)
		error = -errno;
	return error;
}

static int remove_file(const char *folder, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
}

static int rename_file(const char *folder, const char *name, char made[PATH_MAX])
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (rename(made, path) != 0)
		return -errno;
	*made = '\0';
	return 0;
}

/* All of them are on the disk before one gets its name; what the one before had and this has not,
 * goes last: until then the old drop-in is whole. */
static int write_files(const char *folder, const char *const text[NAMES], char path[PATH_MAX])
{
	char made[NAMES][PATH_MAX] = {""};
	int error = 0;

	for (int i = 0; i < NAMES && !error; i++) {
		snprintf(path, PATH_MAX, "%s/%s", folder, name_table[i]);
		if (text[i])
			error = write_file(folder, name_table[i], text[i], made[i]);
	}
	for (int i = 0; i < NAMES && !error; i++) {
		snprintf(path, PATH_MAX, "%s/%s", folder, name_table[i]);
		if (text[i])
			error = rename_file(folder, name_table[i], made[i]);
	}
	for (int i = 0; i < NAMES; i++)
		if (*made[i])
			unlink(made[i]);
	return error;
}

int drop_in_write(const char *folder, const struct composed *composed, char path[PATH_MAX])
{
	const char *const text[NAMES] = {composed->rules, composed->variables, composed->conf};
	const bool fresh = drop_in_whose(folder, path) == DROP_IN_NONE;
	int error;

	if (snprintf(path, PATH_MAX, "%s", folder) >= PATH_MAX - 64)
		return -ENAMETOOLONG;
	error = make_folders(path);
	if (!error)
		error = write_files(folder, text, path);
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
