/* Writes down what a unit needs. EnvironmentFile= wins over Environment= however late that is read,
 * so a variable that such a file sets goes into a file of ours, which is read as the last. */
#include "tools/unit/compose.h"

#include <stdlib.h>
#include <string.h>

#include "shim/env.h"
#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/launch/launch.h"
#include "tools/unit/sight.h"
#include "tools/unit/variable.h"
#include "tools/unit/words.h"

#define LIBRARY	  "libsockfix.so"
#define VARIABLES UNIT_OURS ".env"
#define RULES	  UNIT_OURS ".rules"

enum { LONG = 2048 }; /* a line that nobody wants to see in `systemctl cat` */

static void append(char **text, char *more)
{
	char *whole = memory_print("%s%s", *text ? *text : "", more);

	free(*text);
	free(more);
	*text = whole;
}

char *compose_preload(const char *old, const char *library)
{
	char *list = NULL;

	for (size_t length; old && *old; old += length + (old[length] != '\0')) {
		char *item;

		length = strcspn(old, " :");
		item = memory_print("%.*s", (int)length, old);
		if (length && strcmp(text_base_name(item), LIBRARY) != 0)
			append(&list, memory_print("%s:", item));
		free(item);
	}
	append(&list, memory_print("%s", library));
	return list;
}

/* As EnvironmentFile= takes it (systemd.exec(5)): to the end of the line, without quotes, for
 * specifiers and for a pattern of glob(7), in which a backslash takes the next byte as it is. */
static char *as_pattern(const char *path)
{
	char *pattern = memory_take(2, strlen(path) + 1), *to = pattern, *whole;

	for (; *path; path++) {
		if (strchr("\\*?[", *path))
			*to++ = '\\';
		*to++ = *path;
	}
	whole = words_doubled(pattern);
	free(pattern);
	return whole;
}

/* ---- one variable ---- */

/* value: with specifiers where it is one of the unit. */
static void add_to_unit(
	struct composed *composed, const char *name, const char *value, struct judgement *judgement)
{
	char *word = memory_print("%s=%s", name, value), *quoted = words_quoted(word, true);

	if (quoted)
		append(&composed->conf, memory_print("Environment=%s\n", quoted));
	else
		judge_refuse(judgement, "the unit's own %s holds a newline", name);
	free(quoted);
	free(word);
}

static void add_to_file(
	struct composed *composed, const char *name, const char *value, struct judgement *judgement)
{
	if (value[strcspn(value, "'\r\n")])
		judge_refuse(judgement, "the unit's own %s holds a quote or a newline", name);
	else
		append(&composed->variables, memory_print("%s='%s'\n", name, value));
}

static void judge_variable(
	struct judgement *judgement, const char *name, const struct variable *variable)
{
	if (variable->unset)
		judge_refuse(judgement, "%s: UnsetEnvironment= takes %s away again",
			variable->unset, name);
	if (variable->behind)
		judge_refuse(judgement,
			"%s is read behind " UNIT_OURS ".conf and takes %s: give that file a name "
			"that sorts before it",
			variable->behind, name);
	if (variable->doubtful)
		judge_refuse(judgement,
			"%s: systemd before 254 takes it for the rest of the comment above, later "
			"ones take %s from it: end that comment without a backslash",
			variable->doubtful, name);
	if (variable->unread && strcmp(name, "LD_PRELOAD") == 0)
		judge_note(judgement,
			"%s could not be read: if it sets LD_PRELOAD, that wins over ours",
			variable->unread);
	if (variable->lost && strcmp(name, "LD_PRELOAD") == 0)
		judge_note(judgement,
			"%s hands on an LD_PRELOAD that the manager alone knows: ours takes its "
			"place",
			variable->lost);
}

/* plain: a value of ours. Where it goes is where the unit sets it. */
static void add(struct composed *composed, const struct compose_of *of, const char *name,
	const char *plain, struct judgement *judgement)
{
	struct variable variable;
	char *value;

	variable_find(&variable, of->unit, name);
	judge_variable(judgement, name, &variable);
	if (variable.from == VARIABLE_FILE) {
		add_to_file(composed, name, plain, judgement);
	} else {
		value = words_doubled(plain);
		add_to_unit(composed, name, value, judgement);
		free(value);
	}
	variable_free(&variable);
}

/* What the unit has stands before ours. */
static void add_preload(
	struct composed *composed, const struct compose_of *of, struct judgement *judgement)
{
	const char *word = judgement->both ? judgement->both : of->library;
	struct variable own;
	char *library, *value;

	variable_find(&own, of->unit, "LD_PRELOAD");
	judge_variable(judgement, "LD_PRELOAD", &own);
	library = own.from == VARIABLE_FILE ? memory_print("%s", word) : words_doubled(word);
	value = compose_preload(own.value, library);
	if (own.from == VARIABLE_FILE)
		add_to_file(composed, "LD_PRELOAD", value, judgement);
	else
		add_to_unit(composed, "LD_PRELOAD", value, judgement);
	if (own.value && strcmp(value, library) != 0)
		composed->kept = memory_print("LD_PRELOAD=%s (%s)", own.value, own.place);
	free(library);
	free(value);
	variable_free(&own);
}

/* ---- all ---- */

/* What keeps the file of rules from it: a root of its own has not the host's /etc. NULL: nothing.
 */
static const struct unit_line *hides_rules(const struct compose_of *of)
{
	const struct unit_line *root = sight_root(of->unit);

	return root ? root : sight_hides(of->unit, of->folder);
}

static void add_rules(
	struct composed *composed, const struct compose_of *of, struct judgement *judgement)
{
	const struct unit_line *hides = hides_rules(of);
	char *file;

	if (!of->line)
		return;
	if (hides && strlen(of->line) >= LAUNCH_LINE_MAX) {
		judge_refuse(judgement,
			"%s:%u: the rules make a line of %zu bytes, more than the %d that " ENV_RULES
			" holds, and with %s=%s the service has not the file that they would "
			"stand in",
			hides->file, hides->line, strlen(of->line), LAUNCH_LINE_MAX, hides->key,
			hides->value);
		return;
	}
	if (strlen(of->line) < LONG || hides) {
		add(composed, of, ENV_RULES, of->line, judgement);
		return;
	}
	composed->rules = memory_print("%s\n", of->line);
	file = memory_print("@%s/" RULES, of->folder);
	add(composed, of, ENV_RULES, file, judgement);
	free(file);
}

static void add_recording(
	struct composed *composed, const struct compose_of *of, struct judgement *judgement)
{
	char *quoted;

	if (!of->directory)
		return;
	add(composed, of, ENV_TRACE, of->directory, judgement);
	quoted = words_quoted(of->directory, false);
	if (sight_protects(of->unit, of->directory))
		append(&composed->conf, memory_print("ReadWritePaths=%s\n", quoted));
	free(quoted);
}

static void add_file(
	struct composed *composed, const struct compose_of *of, struct judgement *judgement)
{
	char *pattern = as_pattern(of->folder);

	if (pattern[strcspn(pattern, "\r\n")])
		judge_refuse(judgement, "the name of the folder %s holds a newline", of->folder);
	append(&composed->conf, memory_print("EnvironmentFile=-%s/" VARIABLES "\n", pattern));
	free(pattern);
}

void compose(struct composed *composed, const struct compose_of *of, struct judgement *judgement)
{
	const char *quote = strchr(of->unit->name, '\\') ? "'" : "";

	*composed = (struct composed){.conf = NULL};
	append(&composed->conf,
		memory_print(COMPOSE_MARK "sockfix unit %s--remove %s%s%s takes it away.\n"
					  "# rules: %s\n[Service]\n",
			of->unit->user ? "--user " : "", quote, of->unit->name, quote,
			of->line ? of->names : "none, it is only watched"));
	add_preload(composed, of, judgement);
	add_rules(composed, of, judgement);
	add_recording(composed, of, judgement);
	if (composed->variables)
		add_file(composed, of, judgement);
}

void composed_free(struct composed *composed)
{
	free(composed->conf);
	free(composed->variables);
	free(composed->rules);
	free(composed->kept);
}
