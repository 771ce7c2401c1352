/* Goes through folders of drop-ins. Of one name the first that is found holds, in the order of
 * systemd 252 (unit_file_find_dropin_paths); they are read in the order of their names. */
#include "tools/unit/below.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/unit/inside.h"

bool unit_template(const char *name, char template[NAME_MAX + 1])
{
	const char *at = strchr(name, '@'), *type = strrchr(name, '.');

	if (!at || !type || type <= at + 1)
		return false;
	snprintf(template, NAME_MAX + 1, "%.*s@%s", (int)(at - name), name, type);
	return true;
}

struct drop_in {
	char *name, *path;
};
struct drop_ins {
	struct drop_in *of;
	size_t count;
};

static bool is_conf(const char *name)
{
	const size_t length = strlen(name);

	return *name != '.' && length > 5 && strcmp(name + length - 5, ".conf") == 0;
}

/* The first of a name holds. */
static void add_drop_in(struct drop_ins *all, const char *path, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->of[i].name, name) == 0)
			return;
	all->of = memory_grow(all->of, all->count, sizeof(*all->of));
	all->of[all->count++] =
		(struct drop_in){memory_print("%s", name), memory_print("%s/%s", path, name)};
}

static void add_folder(struct drop_ins *all, const char *root, const char *path)
{
	char *whole = inside(root, path);
	DIR *folder = opendir(whole);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (is_conf(entry->d_name))
			add_drop_in(all, path, entry->d_name);
	if (folder)
		closedir(folder);
	free(whole);
}

static void add_in(
	struct drop_ins *all, const struct unit *unit, const char *place, const char *name)
{
	char *path = memory_print("%s/%s.d", place, name);

	add_folder(all, unit->root, path);
	free(path);
}

/* For foo-bar@x.service: that, foo-bar@.service, foo-.service; all that in each place before the
 * next place is looked at. */
static void add_name(
	struct drop_ins *all, const struct unit *unit, const char *place, const char *name)
{
	char shorter[NAME_MAX + 1], prefix[NAME_MAX + 1];
	char *dash, *end;

	add_in(all, unit, place, name);
	if (unit_template(name, shorter))
		add_in(all, unit, place, shorter);
	snprintf(prefix, sizeof(prefix), "%s", name);
	prefix[strcspn(prefix, "@.")] = '\0';
	end = prefix + strlen(prefix);
	while ((dash = memrchr(prefix, '-', (size_t)(end - prefix))) && dash > prefix) {
		snprintf(shorter, sizeof(shorter), "%.*s-.service", (int)(dash - prefix), prefix);
		if (strcmp(shorter, name) != 0)
			add_in(all, unit, place, shorter);
		end = dash;
	}
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(((const struct drop_in *)left)->name, ((const struct drop_in *)right)->name);
}

/* Their paths; the rest is freed. */
static char **sorted(struct drop_ins *all)
{
	char **path = memory_take(all->count + 1, sizeof(*path));

	if (all->count)
		qsort(all->of, all->count, sizeof(*all->of), compare_names);
	for (size_t i = 0; i < all->count; i++) {
		path[i] = all->of[i].path;
		free(all->of[i].name);
	}
	free(all->of);
	return path;
}

char **below_files(const char *root, char *const *folder)
{
	struct drop_ins all = {.of = NULL};

	for (size_t i = 0; folder[i]; i++)
		add_folder(&all, root, folder[i]);
	return sorted(&all);
}

void unit_find_below(struct unit *unit, char **place)
{
	struct drop_ins all = {.of = NULL};

	for (size_t i = 0; place[i]; i++)
		add_name(&all, unit, place[i], unit->name);
	for (size_t k = 0; k < unit->others; k++)
		for (size_t i = 0; place[i]; i++)
			add_name(&all, unit, place[i], unit->also[k]);
	for (size_t i = 0; place[i]; i++)
		add_in(&all, unit, place[i], "service");
	unit->files = all.count;
	unit->file = sorted(&all);
}
