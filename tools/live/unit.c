/* Reads the files of units, not what systemd has made of them: it needs no bus and no root. Must
 * not wait for a file, nor mind one that is not there. */
#include "tools/live/unit.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rules/regular.h"
#include "shim/env.h"
#include "tools/base/text.h"

static const char *const place[] = {"/etc/systemd/system", "/run/systemd/system",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"};
enum { PLACES = sizeof(place) / sizeof(*place), LINE = 8192 };

static char *trimmed(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

static bool names_us(const char *text)
{
	return strstr(text, "libsockfix.so") || strstr(text, ENV_RULES "=") ||
	       strstr(text, ENV_TRACE "=");
}

/* "/usr/bin/sockfix run -- server", with what systemd.service(5) lets stand before a path. */
static bool starts_us(char *command)
{
	char *rest = NULL, *word = strtok_r(command + strspn(command, "@-:+!"), " \t", &rest);

	for (; word; word = strtok_r(NULL, " \t", &rest)) {
		if (strcmp(text_base_name(word), "sockfix") != 0)
			continue;
		word = strtok_r(NULL, " \t", &rest);
		return word && (strcmp(word, "run") == 0 || strcmp(word, "record") == 0);
	}
	return false;
}

enum unit_says unit_line(char *line, char **file)
{
	char *value = strchr(line, '=');
	const char *key;

	line = trimmed(line);
	if (!value || *line == '#' || *line == ';')
		return UNIT_NOTHING;
	*value++ = '\0';
	key = trimmed(line);
	value = trimmed(value);
	if (strcmp(key, "Environment") == 0)
		return names_us(value) ? UNIT_US : UNIT_NOTHING;
	if (strcmp(key, "ExecStart") == 0)
		return starts_us(value) ? UNIT_US : UNIT_NOTHING;
	if (strcmp(key, "EnvironmentFile") != 0)
		return UNIT_NOTHING;
	*file = value + (*value == '-');
	return UNIT_FILE;
}

bool unit_variable(const char *line)
{
	line += strspn(line, " \t");
	return *line != '#' && *line != ';' && names_us(line);
}

static FILE *open_file(const char *path)
{
	struct stat status;
	const int fd = regular_open(AT_FDCWD, path, 0, &status);
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;

	if (fd >= 0 && !file)
		close(fd);
	return file;
}

static bool variables_name_us(const char *root, const char *name)
{
	char path[PATH_MAX], line[LINE];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", root, name);
	file = open_file(path);
	while (file && !found && fgets(line, sizeof(line), file))
		found = unit_variable(line);
	if (file)
		fclose(file);
	return found;
}

static bool file_names_us(const char *root, const char *path)
{
	char line[LINE], *variables;
	FILE *file = open_file(path);
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		const enum unit_says says = unit_line(line, &variables);

		found = says == UNIT_US ||
			(says == UNIT_FILE && variables_name_us(root, variables));
	}
	if (file)
		fclose(file);
	return found;
}

static bool is_conf(const char *name)
{
	const size_t length = strlen(name);

	return length > 5 && strcmp(name + length - 5, ".conf") == 0;
}

static bool drop_in_names_us(
	const char *root, const char *where, const char *unit, char *path, size_t size)
{
	const struct dirent *entry;
	bool found = false;
	DIR *folder;

	snprintf(path, size, "%s%s/%s.d", root, where, unit);
	folder = opendir(path);
	while (folder && !found && (entry = readdir(folder))) {
		if (!is_conf(entry->d_name))
			continue;
		snprintf(path, size, "%s%s/%s.d/%s", root, where, unit, entry->d_name);
		found = file_names_us(root, path);
	}
	if (folder)
		closedir(folder);
	return found;
}

static bool one_names_us(const char *root, const char *unit, char *path, size_t size)
{
	for (size_t i = 0; i < PLACES; i++) {
		snprintf(path, size, "%s%s/%s", root, place[i], unit);
		if (file_names_us(root, path) || drop_in_names_us(root, place[i], unit, path, size))
			return true;
	}
	return false;
}

/* "getty@tty1.service" is made from getty@.service; all services have what service.d holds. */
bool unit_names_us(const char *root, const char *unit, char *path, size_t size)
{
	const char *at = strchr(unit, '@'), *type = strrchr(unit, '.');
	char pattern[256];

	if (!type || strchr(unit, '/'))
		return false;
	if (one_names_us(root, unit, path, size) || one_names_us(root, type + 1, path, size))
		return true;
	if (!at)
		return false;
	snprintf(pattern, sizeof(pattern), "%.*s@%s", (int)(at - unit), unit, type);
	return one_names_us(root, pattern, path, size);
}
