/* Which file is a unit's own, found by precedence, and what it and its drop-ins say. */
#include "tools/unit/find.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/unit/below.h"
#include "tools/unit/inside.h"
#include "tools/unit/parse.h"
#include "tools/unit/words.h"

enum { LINKS = 8 };

/* ---- its name and its file ---- */

static const char *const type_table[] = {"service", "socket", "target", "timer", "mount",
	"automount", "swap", "path", "slice", "scope", "device"};

static const char *type_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof(type_table) / sizeof(*type_table); i++)
		if (strcmp(dot + 1, type_table[i]) == 0)
			return type_table[i];
	return NULL;
}

static enum unit_state take_name(struct unit *unit, const char *asked)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789:-_.\\@";
	const char *type = type_of(asked), *at = strchr(asked, '@');
	int length =
		snprintf(unit->name, sizeof(unit->name), "%s%s", asked, type ? "" : ".service");

	if (!*asked || *asked == '.' || *asked == '@' || asked[strspn(asked, allowed)] ||
		length >= (int)sizeof(unit->name))
		return UNIT_BAD_NAME;
	unit->template = at && (!at[1] || at[1] == '.');
	return !type || strcmp(type, "service") == 0 ? UNIT_THERE : UNIT_NOT_A_SERVICE;
}

/* A link of units: *target as it is written. False: none. */
static bool read_link(const char *path, char target[PATH_MAX])
{
	const ssize_t length = readlink(path, target, PATH_MAX - 1);

	if (length < 0)
		return false;
	target[length] = '\0';
	return true;
}

/* It is masked by an empty file, too. */
static bool is_empty(const char *root, const char *file)
{
	char *path = inside(root, file);
	struct stat status;
	const bool empty =
		stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0;

	free(path);
	return empty;
}

/* Of the name in that place. UNIT_NONE: not there. to: another name that it is one of, or "". */
static enum unit_state look_in(struct unit *unit, const char *place, const char *name, char *to)
{
	char *path, target[PATH_MAX];
	const char *base;
	struct stat status;
	bool is, linked;

	*to = '\0';
	if (snprintf(unit->path, sizeof(unit->path), "%s/%s", place, name) >= PATH_MAX)
		return UNIT_NONE;
	path = inside_link(unit->root, unit->path);
	is = lstat(path, &status) == 0;
	linked = read_link(path, target);
	free(path);
	if (!is)
		return UNIT_NONE;
	if (!linked)
		return is_empty(unit->root, unit->path) ? UNIT_MASKED : UNIT_THERE;
	if (strcmp(target, "/dev/null") == 0)
		return UNIT_MASKED;
	base = text_base_name(target);
	if (strcmp(base, name) != 0 && type_of(base))
		snprintf(to, NAME_MAX + 1, "%s", base);
	else if (*target == '/')
		snprintf(unit->path, sizeof(unit->path), "%s", target);
	return UNIT_THERE;
}

static enum unit_state look_for(struct unit *unit, char **place, const char *name, char *to)
{
	for (size_t i = 0; place[i]; i++) {
		const enum unit_state state = look_in(unit, place[i], name, to);

		if (state != UNIT_NONE)
			return state;
	}
	unit->path[0] = '\0';
	return UNIT_NONE;
}

static bool is_template(const char *name)
{
	const char *at = strchr(name, '@');

	return at && at[1] == '.';
}

/* Of "h@x.service", whose template is g@.service by another name: g@x.service. False: it is no
 * instance, or `other` no template. */
static bool name_instance(const char *name, const char *other, char instance[NAME_MAX + 1])
{
	char template[NAME_MAX + 1];

	return unit_template(name, template) && is_template(other) &&
	       snprintf(instance, NAME_MAX + 1, "%.*s%s", (int)strcspn(other, "@"), other,
		       strchr(name, '@')) <= NAME_MAX;
}

/* Follows it through its other names to its file. */
static enum unit_state find_file(struct unit *unit, char **place)
{
	char name[NAME_MAX + 1], to[NAME_MAX + 1], template[NAME_MAX + 1], own[NAME_MAX + 1];
	enum unit_state state = UNIT_NONE;

	snprintf(name, sizeof(name), "%s", unit->name);
	for (int i = 0; i < LINKS; i++) {
		state = look_for(unit, place, name, to);
		if (state == UNIT_NONE && unit_template(name, template))
			state = look_for(unit, place, template, to);
		if (state != UNIT_THERE || !*to)
			break;
		if (!name_instance(unit->name, to, own))
			snprintf(own, sizeof(own), "%s", to);
		/* of a link of an instance to its own template the file is that one's */
		snprintf(name, sizeof(name), "%s", strcmp(own, unit->name) == 0 ? to : own);
		snprintf(unit->name, sizeof(unit->name), "%s", own);
	}
	return state;
}

/* Whether a link of that name to `base` is another name of the unit, or of its template. */
static bool is_other(const struct unit *unit, const char *link, const char *base, char other[])
{
	char template[NAME_MAX + 1];

	if (strcmp(link, unit->name) == 0 || !type_of(link))
		return false;
	if (strcmp(base, unit->name) == 0)
		return snprintf(other, NAME_MAX + 1, "%s", link) <= NAME_MAX;
	return unit_template(unit->name, template) && strcmp(base, template) == 0 &&
	       name_instance(unit->name, link, other) && strcmp(other, unit->name) != 0;
}

/* Links of other names to it: their drop-ins are its own. */
static void find_others(struct unit *unit, char **place)
{
	char path[2 * PATH_MAX], target[PATH_MAX];

	for (size_t i = 0; place[i]; i++) {
		char *whole = inside(unit->root, place[i]);
		DIR *folder = opendir(whole);
		const struct dirent *entry;

		while (folder && (entry = readdir(folder))) {
			snprintf(path, sizeof(path), "%s/%s", whole, entry->d_name);
			if (unit->others < 8 && read_link(path, target) &&
				is_other(unit, entry->d_name, text_base_name(target),
					unit->also[unit->others]))
				unit->others++;
		}
		if (folder)
			closedir(folder);
		free(whole);
	}
}

/* ---- what they say ---- */

struct reading {
	struct unit *unit;
	const char *file;
};

static void take_line(void *context, const char *key, const char *value, unsigned line)
{
	struct reading *reading = context;
	struct unit *unit = reading->unit;

	unit->line = memory_grow(unit->line, unit->lines, sizeof(*unit->line));
	unit->line[unit->lines++] = (struct unit_line){
		memory_print("%s", key), memory_print("%s", value), reading->file, line};
}

static void read_file(struct unit *unit, const char *file)
{
	struct reading reading = {unit, file};
	char *path = inside(unit->root, file);

	if (strcmp(text_base_name(file), UNIT_OURS ".conf") != 0)
		parse_unit(path, "Service", take_line, &reading);
	free(path);
}

void unit_find(struct unit *unit, const char *root, bool user, const char *asked)
{
	char **place = unit_places(user);

	*unit = (struct unit){.root = root, .user = user};
	unit->state = take_name(unit, asked);
	if (unit->state == UNIT_THERE)
		unit->state = find_file(unit, place);
	if (unit->state == UNIT_THERE) {
		find_others(unit, place);
		read_file(unit, unit->path);
		unit_find_below(unit, place);
		for (size_t i = 0; i < unit->files; i++)
			read_file(unit, unit->file[i]);
	}
	unit_places_free(place);
}

void unit_free(struct unit *unit)
{
	for (size_t i = 0; i < unit->lines; i++) {
		free(unit->line[i].key);
		free(unit->line[i].value);
	}
	for (size_t i = 0; i < unit->files; i++)
		free(unit->file[i]);
	free(unit->line);
	free(unit->file);
}

const struct unit_line *unit_each(const struct unit *unit, const char *key, size_t from)
{
	size_t begin = 0;

	for (size_t i = 0; i < unit->lines; i++)
		if (strcmp(unit->line[i].key, key) == 0 && !*unit->line[i].value)
			begin = i + 1;
	for (size_t i = from > begin ? from : begin; i < unit->lines; i++)
		if (strcmp(unit->line[i].key, key) == 0)
			return &unit->line[i];
	return NULL;
}

const struct unit_line *unit_last(const struct unit *unit, const char *key)
{
	const struct unit_line *last = NULL, *line;

	for (size_t from = 0; (line = unit_each(unit, key, from));
		from = (size_t)(line - unit->line) + 1)
		last = line;
	return last;
}

bool unit_is(const struct unit *unit, const char *key)
{
	const struct unit_line *line = unit_last(unit, key);

	return line && words_yes(line->value);
}
