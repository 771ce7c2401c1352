/* The folders and files that are read (finding.c). */
#include "tools/unit/named.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/unit/find.h"
#include "tools/unit/finding.h"
#include "tools/unit/inside.h"

enum { WHOLE_FOLDER, UNITS };

static bool is_unit(const char *name)
{
	const size_t length = strlen(name);

	return length > 8 && strcmp(name + length - 8, ".service") == 0;
}

static void take_folder(struct finding *finding, const char *folder, int what);

/* Below the root and without links, to be freed: what is come upon by two ways has one name. */
static char *real_name(const char *root, const char *file)
{
	char *path = inside(root, file), *real = *root ? NULL : realpath(path, NULL);

	if (!*root && !real)
		return path;
	if (*root)
		real = memory_print("%s", strlen(path) >= strlen(root) ? path + strlen(root) : "");
	free(path);
	return real;
}

static void take_entry(struct finding *finding, const char *folder, const char *name, int what)
{
	char *written = memory_print("%s/%s", folder, name);
	char *path = inside(finding->root, written), *file = real_name(finding->root, written);
	const size_t length = strlen(name);
	struct stat status;

	if (stat(path, &status) != 0 || *name == '.')
		status.st_mode = 0;
	if (S_ISDIR(status.st_mode) && what == UNITS && length > 2 &&
		strcmp(name + length - 2, ".d") == 0)
		take_folder(finding, file, WHOLE_FOLDER);
	else if (S_ISREG(status.st_mode) && (what == WHOLE_FOLDER || is_unit(name)))
		finding_take(finding, file);
	free(path);
	free(file);
	free(written);
}

static void take_folder(struct finding *finding, const char *folder, int what)
{
	char *path = inside(finding->root, folder);
	DIR *open = opendir(path);
	const struct dirent *entry;

	finding->unread += !open && errno == EACCES;
	while (open && (entry = readdir(open)))
		take_entry(finding, folder, entry->d_name, what);
	if (open)
		closedir(open);
	free(path);
}

/* Through /lib -> usr/lib a folder would be read twice. */
static bool is_seen(const char *root, char **place, size_t number)
{
	char *path = inside(root, place[number]);
	struct stat status, other;
	bool seen = false;

	if (stat(path, &status) == 0)
		for (size_t i = 0; i < number && !seen; i++) {
			char *before = inside(root, place[i]);

			seen = stat(before, &other) == 0 && other.st_dev == status.st_dev &&
			       other.st_ino == status.st_ino;
			free(before);
		}
	free(path);
	return seen;
}

static void take_units(struct finding *finding, bool user)
{
	char **place = unit_places(user);

	for (size_t i = 0; place[i]; i++)
		if (!is_seen(finding->root, place, i))
			take_folder(finding, place[i], UNITS);
	unit_places_free(place);
}

static const char *const file_table[] = {"/etc/ld.so.preload", "/etc/environment", "/etc/crontab",
	"/etc/anacrontab", "/etc/profile", "/etc/bash.bashrc", "/etc/zsh/zshenv", "/etc/rc.local",
	"/etc/systemd/system.conf", "/etc/systemd/user.conf"};
static const char *const folder_table[] = {"/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily",
	"/etc/cron.weekly", "/etc/cron.monthly", "/etc/cron.yearly", "/var/spool/cron",
	"/var/spool/cron/crontabs", "/etc/default", "/etc/sysconfig", "/etc/profile.d",
	"/etc/environment.d", "/usr/lib/environment.d", "/etc/init.d", "/etc/supervisor/conf.d",
	"/etc/xinetd.d", "/etc/systemd/system.conf.d", "/etc/systemd/user.conf.d"};

static const char *const home_table[] = {
	"/.profile", "/.bash_profile", "/.bashrc", "/.zshenv", "/.xsessionrc", "/.pam_environment"};

static void take_home(struct finding *finding, const char *home)
{
	char *units = memory_print("%s/.config/systemd/user", home);
	char *variables = memory_print("%s/.config/environment.d", home);

	take_folder(finding, units, UNITS);
	take_folder(finding, variables, WHOLE_FOLDER);
	for (size_t i = 0; i < sizeof(home_table) / sizeof(*home_table); i++) {
		char *file = memory_print("%s%s", home, home_table[i]);

		finding_take(finding, file);
		free(file);
	}
	free(units);
	free(variables);
}

/* Several users may have one home, which is often no folder. */
static void take_homes(struct finding *finding)
{
	char *path = inside(finding->root, "/etc/passwd"), *seen = memory_print(":");
	FILE *file = fopen(path, "re");
	const struct passwd *entry;

	while (file && (entry = fgetpwent(file))) {
		char *word = memory_print(":%s:", entry->pw_dir), *more;

		if ((geteuid() == 0 || geteuid() == entry->pw_uid) && entry->pw_dir[0] == '/' &&
			entry->pw_dir[1] && !strstr(seen, word)) {
			take_home(finding, entry->pw_dir);
			more = memory_print("%s%s:", seen, entry->pw_dir);
			free(seen);
			seen = more;
		}
		free(word);
	}
	if (file)
		fclose(file);
	free(seen);
	free(path);
}

static int compare(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	const int order = strcmp(a->file, b->file);

	if (order || a->line != b->line)
		return order ? order : (a->line > b->line) - (a->line < b->line);
	return strcmp(a->library, b->library);
}

/* A home of this user's is among the places of its units, and links lead to one file twice. */
static void leave_out_twice(struct finding *finding)
{
	size_t kept = 0;

	for (size_t i = 0; i < finding->count; i++) {
		if (kept && compare(&finding->named[kept - 1], &finding->named[i]) == 0) {
			free(finding->named[i].file);
			free(finding->named[i].library);
		} else
			finding->named[kept++] = finding->named[i];
	}
	finding->count = kept;
}

struct named *named_find(const char *root, const char *library, size_t *count, size_t *unread)
{
	struct finding finding = {.root = root, .library = library};

	take_units(&finding, false);
	take_units(&finding, true);
	take_homes(&finding);
	for (size_t i = 0; i < sizeof(file_table) / sizeof(*file_table); i++)
		finding_take(&finding, file_table[i]);
	for (size_t i = 0; i < sizeof(folder_table) / sizeof(*folder_table); i++)
		take_folder(&finding, folder_table[i], WHOLE_FOLDER);
	if (finding.count)
		qsort(finding.named, finding.count, sizeof(*finding.named), compare);
	leave_out_twice(&finding);
	*count = finding.count;
	*unread = finding.unread;
	return finding.named;
}

void named_free(struct named *named, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(named[i].file);
		free(named[i].library);
	}
	free(named);
}
