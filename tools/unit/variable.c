/* Goes through the lines in systemd's order. What a file of variables holds is asked now; it is
 * read again at each start. */
#include "tools/unit/variable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/unit/inside.h"
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

/* The value, if the word is "NAME=VALUE" of that name. */
static const char *value_of(const char *word, const char *name)
{
	const size_t length = strlen(name);

	return strncmp(word, name, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
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
		value = value_of(word, name);
		if (!value)
			continue;
		variable->from = VARIABLE_UNIT;
		replace(&variable->value, memory_print("%s", value));
		replace(&variable->place, place_of(line));
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
	variable->from = VARIABLE_FILE;
	replace(&variable->value, memory_print("%s", parsed->value));
	replace(&variable->place, memory_print("%s:%u", looking->file, parsed->line));
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

static void take_unset(struct variable *variable, const struct unit_line *line, const char *name)
{
	const char *at = line->value;

	for (char *word; (word = words_next(&at)); free(word))
		if (strcmp(word, name) == 0)
			replace(&variable->unset, place_of(line));
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
	for (size_t from = 0; (line = unit_each(unit, "Environment", from));
		from = (size_t)(line - unit->line) + 1)
		take_line(variable, unit, line, name);
	for (size_t from = 0; (line = unit_each(unit, "EnvironmentFile", from));
		from = (size_t)(line - unit->line) + 1)
		take_file(variable, unit, line, name);
	for (size_t from = 0; (line = unit_each(unit, "UnsetEnvironment", from));
		from = (size_t)(line - unit->line) + 1)
		take_unset(variable, line, name);
	look_for_end(variable, unit);
}

void variable_free(struct variable *variable)
{
	free(variable->value);
	free(variable->place);
	free(variable->unset);
	free(variable->behind);
	free(variable->unread);
	free(variable->doubtful);
}
