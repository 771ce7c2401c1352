/* Finds folders of cgroups. Reads, and must not make or change one: that is own.c. */
#include "tools/scope/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* The kernel writes blanks and backslashes as \ooo. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		unsigned byte;

		if (*text == '\\' && sscanf(text + 1, "%3o", &byte) == 1) {
			*to++ = (char)byte;
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static bool is_cgroup_line(char *line, struct cgroup_mount *mount)
{
	char *type = strstr(line, " - "), root[PATH_MAX], path[PATH_MAX];

	if (!type || sscanf(line, "%*s %*s %*s %4095s %4095s", root, path) != 2)
		return false;
	type += 3;
	if (strncmp(type, "cgroup ", 7) == 0)
		mount->v1 = true;
	if (strncmp(type, "cgroup2 ", 8) != 0)
		return false;
	unescape(root);
	unescape(path);
	strcpy(mount->root, root);
	strcpy(mount->path, path);
	return true;
}

int cgroup_mount_read(FILE *mountinfo, struct cgroup_mount *mount)
{
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	memset(mount, 0, sizeof(*mount));
	while (getline(&line, &room, mountinfo) > 0 && !found)
		found = is_cgroup_line(line, mount);
	free(line);
	return found ? 0 : -ENOENT;
}

int cgroup_mount_find(struct cgroup_mount *mount)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	int error = file ? cgroup_mount_read(file, mount) : -errno;

	if (file)
		fclose(file);
	return error;
}

/* ---- names ---- */

/* name begins with "/". */
static int below_mount(const char *name, const struct cgroup_mount *mount, char path[PATH_MAX])
{
	const size_t root = strcmp(mount->root, "/") == 0 ? 0 : strlen(mount->root);

	if (strncmp(name, "/..", 3) == 0 || strncmp(name, mount->root, root) != 0 ||
		(root && name[root] && name[root] != '/'))
		return -EXDEV;
	name += root;
	if (strcmp(name, "/") == 0)
		name = "";
	return snprintf(path, PATH_MAX, "%s%s", mount->path, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int cgroup_of(FILE *text, const struct cgroup_mount *mount, char path[PATH_MAX])
{
	char *line = NULL;
	size_t room = 0;
	int error = -ENOENT;

	while (error == -ENOENT && getline(&line, &room, text) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::/", 4) == 0)
			error = below_mount(line + 3, mount, path);
	}
	free(line);
	return error;
}

static int look(const char *path)
{
	struct statfs info;
	struct stat status;

	if (stat(path, &status) != 0 || statfs(path, &info) != 0)
		return -errno;
	if (info.f_type == CGROUP_SUPER_MAGIC)
		return -EMEDIUMTYPE;
	return S_ISDIR(status.st_mode) && info.f_type == CGROUP2_SUPER_MAGIC ? 0 : -ENOTDIR;
}

int cgroup_named(const char *name, const struct cgroup_mount *mount, char path[PATH_MAX])
{
	const int error = look(name);

	if (error == 0 || error == -EMEDIUMTYPE)
		return realpath(name, path) ? error : -errno;
	if (name[0] != '/' || below_mount(name, mount, path) != 0 || look(path) != 0)
		return error;
	return 0;
}

const char *cgroup_name(const struct cgroup_mount *mount, const char *path)
{
	const size_t length = strlen(mount->path);

	if (strncmp(path, mount->path, length) != 0 || (path[length] && path[length] != '/'))
		return path;
	return path[length] ? path + length : "/";
}

/* ---- all of them ---- */

int cgroup_below(const char *path, int (*each)(const char *path, void *own), void *own)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	int answer = 0;

	while (folder && !answer && (entry = readdir(folder))) {
		char below[PATH_MAX];

		if (entry->d_type == DT_DIR && entry->d_name[0] != '.' &&
			snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) <
				(int)sizeof(below))
			answer = each(below, own);
	}
	if (folder)
		closedir(folder);
	return answer;
}

struct walk {
	int (*each)(const char *path, void *own);
	void *own;
};

static int walk_on(const char *path, void *own)
{
	const struct walk *walk = own;

	return cgroup_walk(path, walk->each, walk->own);
}

int cgroup_walk(const char *path, int (*each)(const char *path, void *own), void *own)
{
	struct walk walk = {each, own};
	const int answer = each(path, own);

	return answer ? answer : cgroup_below(path, walk_on, &walk);
}

struct wanted {
	char name[NAME_MAX + 1];
	size_t depth, twice;
	char *path, *other;
};

static size_t depth_of(const char *path)
{
	size_t depth = 0;

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

static int compare(const char *path, void *own)
{
	const size_t depth = depth_of(path);
	struct wanted *wanted = own;

	if (strcmp(strrchr(path, '/') + 1, wanted->name) != 0)
		return 0;
	if (!wanted->depth || depth < wanted->depth) {
		strcpy(wanted->path, path);
		wanted->depth = depth;
	} else if (depth == wanted->depth) {
		strcpy(wanted->other, path);
		wanted->twice = depth;
	}
	return 0;
}

int cgroup_of_unit(const char *unit, const struct cgroup_mount *mount, char path[PATH_MAX],
	char other[PATH_MAX])
{
	struct wanted wanted = {.path = path, .other = other};

	if (strchr(unit, '/') ||
		snprintf(wanted.name, sizeof(wanted.name), "%s%s", unit,
			strchr(unit, '.') ? "" : ".service") >= (int)sizeof(wanted.name))
		return -ENOENT;
	cgroup_walk(mount->path, compare, &wanted);
	if (!wanted.depth)
		return -ENOENT;
	return wanted.twice == wanted.depth ? -ENOTUNIQ : 0;
}
