/* Compares paths with lists of paths. Looks at no file. */
#include "tools/unit/sight.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/unit/words.h"

/* Whether `path` is `above` or lies below it. */
static bool is_below(const char *path, const char *above)
{
	size_t length = strlen(above);

	while (length && above[length - 1] == '/')
		length--;
	return strncmp(path, above, length) == 0 && (path[length] == '/' || !path[length]);
}

/* "-/path" and "+/path" are /path; of "from:to:rbind" `to`, or `from` where that is all. */
static bool names_path(const char *word, const char *path)
{
	char *own, *at, *to;
	bool is;

	word += strspn(word, "-+");
	at = own = memory_print("%s", word);
	to = strchr(own, ':');
	if (to) {
		*to++ = '\0';
		to[strcspn(to, ":")] = '\0';
		if (*to == '/')
			at = to;
	}
	is = *at == '/' && is_below(path, at);
	free(own);
	return is;
}

/* The line of that list which names it. */
static const struct unit_line *named_in(const struct unit *unit, const char *key, const char *path)
{
	const struct unit_line *line;

	for (size_t from = 0; (line = unit_each(unit, key, from));
		from = (size_t)(line - unit->line) + 1) {
		const char *at = line->value;
		bool is = false;

		for (char *word; (word = words_next(&at)); free(word))
			is = is || names_path(word, path);
		if (is)
			return line;
	}
	return NULL;
}

bool sight_binds(const struct unit *unit, const char *path)
{
	return named_in(unit, "BindPaths", path) || named_in(unit, "BindReadOnlyPaths", path);
}

const struct unit_line *sight_root(const struct unit *unit)
{
	const struct unit_line *line = unit_last(unit, "RootImage");

	if (!line)
		line = unit_last(unit, "RootDirectory");
	return line && strcmp(line->value, "/") == 0 ? NULL : line;
}

static bool is_home(const char *path)
{
	return is_below(path, "/home") || is_below(path, "/root") || is_below(path, "/run/user");
}

static bool is_temporary(const char *path)
{
	return is_below(path, "/tmp") || is_below(path, "/var/tmp");
}

const struct unit_line *sight_hides(const struct unit *unit, const char *path)
{
	const struct unit_line *home = unit_last(unit, "ProtectHome"), *line;
	const struct unit_line *temporary = unit_last(unit, "PrivateTmp");

	if (sight_binds(unit, path))
		return NULL;
	if (home && is_home(path) && (words_yes(home->value) || strcmp(home->value, "tmpfs") == 0))
		return home;
	if (unit_is(unit, "DynamicUser"))
		temporary = unit_last(unit, "DynamicUser");
	if (temporary && is_temporary(path) &&
		(words_yes(temporary->value) || strcmp(temporary->value, "disconnected") == 0))
		return temporary;
	line = named_in(unit, "InaccessiblePaths", path);
	return line ? line : named_in(unit, "TemporaryFileSystem", path);
}

/* Which of them protects, if it has its word: all but /dev, /proc, /sys (strict), /etc (full). */
static bool is_protected(const char *word, const char *path)
{
	const bool usr =
		is_below(path, "/usr") || is_below(path, "/boot") || is_below(path, "/efi");

	return strcmp(word, "strict") == 0 ||
	       (strcmp(word, "full") == 0 && (usr || is_below(path, "/etc"))) ||
	       (words_yes(word) && usr);
}

const struct unit_line *sight_protects(const struct unit *unit, const char *path)
{
	const struct unit_line *system = unit_last(unit, "ProtectSystem");
	const struct unit_line *home = unit_last(unit, "ProtectHome");

	if (named_in(unit, "ReadWritePaths", path))
		return NULL;
	if (unit_is(unit, "DynamicUser"))
		return unit_last(unit, "DynamicUser");
	if (system && is_protected(system->value, path))
		return system;
	if (home && strcmp(home->value, "read-only") == 0 && is_home(path))
		return home;
	return named_in(unit, "ReadOnlyPaths", path);
}

const struct unit_line *sight_forbids(const struct unit *unit, const char *path)
{
	return named_in(unit, "ExecPaths", path) ? NULL : named_in(unit, "NoExecPaths", path);
}
