/* Goes through the manager's files. What was put into its environment otherwise (systemctl
 * set-environment, the kernel's command line) is not in files, and not seen. */
#include "tools/unit/manager.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/unit/below.h"
#include "tools/unit/inside.h"
#include "tools/unit/parse.h"
#include "tools/unit/words.h"

static const char *const above_table[] = {"/etc", "/run", "/usr/local/lib", "/usr/lib"};
enum { ABOVE = sizeof(above_table) / sizeof(*above_table) };

struct looking {
	struct variable *variable;
	const char *name, *file;
};

/* ---- DefaultEnvironment= ---- */

static void take_default(void *context, const char *key, const char *value, unsigned line)
{
	struct looking *looking = context;
	const char *of;

	if (strcmp(key, "DefaultEnvironment") != 0)
		return;
	if (!*value)
		variable_set(looking->variable, VARIABLE_NONE, NULL, NULL, 0);
	for (char *word; (word = words_next(&value)); free(word)) {
		of = variable_value(word, looking->name);
		if (of)
			variable_set(looking->variable, VARIABLE_UNIT, of, looking->file, line);
	}
}

/* The first that is there, and all drop-ins. kind: "system" or "user". */
static void find_default(
	struct variable *variable, const char *root, const char *kind, const char *name)
{
	struct looking looking = {variable, name, NULL};
	char *folder[ABOVE + 1] = {NULL}, **file;
	bool found = false;

	for (size_t i = 0; i < ABOVE; i++) {
		char *own = memory_print("%s/systemd/%s.conf", above_table[i], kind);
		char *path = inside(root, own);

		looking.file = own;
		found = found || parse_unit(path, "Manager", take_default, &looking) == 0;
		folder[i] = memory_print("%s.d", own);
		free(path);
		free(own);
	}
	file = below_files(root, folder);
	for (size_t i = 0; file[i]; i++) {
		char *path = inside(root, file[i]);

		looking.file = file[i];
		parse_unit(path, "Manager", take_default, &looking);
		free(path);
	}
	unit_places_free(file);
	for (size_t i = 0; i < ABOVE; i++)
		free(folder[i]);
}

/* ---- environment.d ---- */

/* A value with a '$' is made of others, by the manager. */
static void take_variable(void *context, const struct parsed *parsed)
{
	struct looking *looking = context;
	char *quoted;

	if (strcmp(parsed->key, looking->name) != 0)
		return;
	if (strchr(parsed->value, '$')) {
		variable_set(looking->variable, VARIABLE_NONE, NULL, NULL, 0);
		looking->variable->lost = memory_print("%s:%u", looking->file, parsed->line);
		return;
	}
	quoted = words_doubled(parsed->value);
	variable_set(looking->variable, VARIABLE_UNIT, quoted, looking->file, parsed->line);
	free(quoted);
}

static void find_of_user(struct variable *variable, const char *name)
{
	struct looking looking = {variable, name, NULL};
	char *folder[ABOVE + 2] = {NULL}, *config = unit_config(), **file;
	size_t count = 0;

	if (config)
		folder[count++] = memory_print("%s/environment.d", config);
	for (size_t i = 0; i < ABOVE; i++)
		folder[count++] = memory_print("%s/environment.d", above_table[i]);
	file = below_files("", folder);
	for (size_t i = 0; file[i]; i++) {
		looking.file = file[i];
		parse_variables(file[i], take_variable, &looking);
	}
	unit_places_free(file);
	while (count)
		free(folder[--count]);
	free(config);
}

void manager_find(struct variable *variable, const struct unit *unit, const char *name)
{
	find_default(variable, unit->root, unit->user ? "user" : "system", name);
	if (unit->user && variable->from == VARIABLE_NONE)
		find_of_user(variable, name);
}
