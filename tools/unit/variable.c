/* Goes through the lines in systemd's order. What a file of variables holds is asked now; it is
 * read again at each start. */
#include "tools/unit/variable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/unit/inside.h"
#include "tools/unit/manager.h"
#include "tools/unit/parse.h"
#include "tools/unit/pattern.h"
#include "tools/unit/words.h"

struct looking {
	struct variable *variable;
	const char *name, *root, *file;
};

static void replace(char **text, char *by)
{
	free(*text);
	*text = by;
}

static char *place_of(const struct unit_line *line)
{
	return memory_print("%s:%u", line->file, line->line);
}

/* Whether drop-ins of that name are read behind ours. */
static bool is_behind(const struct unit *unit, const struct unit_line *line)
{
	return line->file != unit->path &&
	       strcmp(text_base_name(line->file), UNIT_OURS ".conf") > 0;
}

static void take_line(struct variable *variable, const struct unit *unit,
	const struct unit_line *line, const char *name)
{
	const char *at = line->value, *value;

	for (char *word; (word = words_next(&at)); free(word)) {
		value = variable_value(word, name);
		if (!value)
			continue;
		variable_set(variable, VARIABLE_UNIT, value, line->file, line->line);
		if (is_behind(unit, line))
			replace(&variable->behind, place_of(line));
	}
}

static void take_variable(void *context, const struct parsed *parsed)
{
	struct looking *looking = context;
	struct variable *variable = looking->variable;

	if (strcmp(parsed->key, looking->name) != 0)
		return;
	variable_set(variable, VARIABLE_FILE, parsed->value, looking->file, parsed->line);
	if (parsed->doubtful)
		replace(&variable->doubtful, memory_print("%s", variable->place));
}

static void take_path(void *context, const char *file)
{
	struct looking *looking = context;
	char *path = inside(looking->root, file);
	int error;

	looking->file = file;
	error = parse_variables(path, take_variable, looking);
	if (error && error != -ENOENT)
		replace(&looking->variable->unread, memory_print("%s", file));
	free(path);
}

static void take_file(struct variable *variable, const struct unit *unit,
	const struct unit_line *line, const char *name)
{
	struct looking looking = {variable, name, unit->root, NULL};

	if (!pattern_each(unit->root, unit->name, line->value, take_path, &looking))
		replace(&variable->unread, memory_print("%s", line->value + (*line->value == '-')));
}

/* Of a list of names. */
static void take_name(char **place, const struct unit_line *line, const char *name)
{
	const char *at = line->value;

	for (char *word; (word = words_next(&at)); free(word))
		if (strcmp(word, name) == 0)
			replace(place, place_of(line));
}

/* An empty one behind ours takes ours away. */
static void look_for_end(struct variable *variable, const struct unit *unit)
{
	for (size_t i = 0; i < unit->lines; i++) {
		const struct unit_line *line = &unit->line[i];

		if (is_behind(unit, line) && !*line->value &&
			(strcmp(line->key, "Environment") == 0 ||
				strcmp(line->key, "EnvironmentFile") == 0))
			replace(&variable->behind, place_of(line));
	}
}

void variable_find(struct variable *variable, const struct unit *unit, const char *name)
{
	const struct unit_line *line;

	*variable = (struct variable){.from = VARIABLE_NONE};
	manager_find(variable, unit, name);
	for (size_t from = 0; (line = unit_each(unit, "PassEnvironment", from));
		from = (size_t)(line - unit->line) + 1)
		take_name(&variable->lost, line, name);
	for (size_t from = 0; (line = unit_each(unit, "Environment", from));
		from = (size_t)(line - unit->line) + 1)
		take_line(variable, unit, line, name);
	for (size_t from = 0; (line = unit_each(unit, "EnvironmentFile", from));
		from = (size_t)(line - unit->line) + 1)
		take_file(variable, unit, line, name);
	for (size_t from = 0; (line = unit_each(unit, "UnsetEnvironment", from));
		from = (size_t)(line - unit->line) + 1)
		take_name(&variable->unset, line, name);
	look_for_end(variable, unit);
}
