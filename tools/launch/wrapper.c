/* The table of programs that only start another, and how their command lines are read: options,
 * values of options, so many words of their own, then COMMAND. Adding one is adding a row. */
#include <stdio.h>
#include <string.h>

#include "tools/launch/wrapper.h"
#include "tools/base/text.h"

struct wrapper {
	const char *name;
	const char *with_value; /* options whose value is a word of its own */
	int words;		/* that stand before COMMAND: timeout's duration */
};

static const struct wrapper wrapper_table[] = {
	{"env", " -u -C -S --unset --chdir ", 0}, {"nice", " -n --adjustment ", 0},
	{"nohup", "", 0}, {"timeout", " -k -s --kill-after --signal ", 1}, {"setsid", "", 0},
	{"stdbuf", " -i -o -e --input --output --error ", 0},
	{"ionice", " -c -n --class --classdata ", 0}, {"taskset", "", 1}, {"chrt", " -T -P -D ", 1},
	{"time", " -f -o --format --output ", 0}, {"eatmydata", "", 0},
	{"sockfix", " -r -P -s -o --rules --preset --set --output --limit ", 1}, /* its verb */
};

static const struct wrapper *wrapper_of(const char *word)
{
	const char *name = text_base_name(word);

	for (size_t i = 0; i < sizeof(wrapper_table) / sizeof(*wrapper_table); i++)
		if (strcmp(wrapper_table[i].name, name) == 0)
			return &wrapper_table[i];
	return NULL;
}

static int takes_value(const struct wrapper *wrapper, const char *option)
{
	char spaced[64];
	int length = snprintf(spaced, sizeof(spaced), " %s ", option);
	return length < (int)sizeof(spaced) && strstr(wrapper->with_value, spaced) != NULL;
}

char *const *wrapper_inner(char *const argv[])
{
	const struct wrapper *wrapper = wrapper_of(argv[0]);
	int words = wrapper ? wrapper->words : 0, env = wrapper == wrapper_table;
	size_t i = 1;
	if (!wrapper)
		return NULL;
	for (; argv[i]; i++) {
		if (strcmp(argv[i], "--") == 0)
			continue;
		if (*argv[i] == '-') {
			if (takes_value(wrapper, argv[i]) && argv[i + 1])
				i++;
			continue;
		}
		if (env && strchr(argv[i], '='))
			continue;
		if (words-- == 0)
			return &argv[i];
	}
	return NULL;
}

bool wrapper_is_env(const char *word)
{
	return wrapper_of(word) == wrapper_table;
}

static const char preload[] = "LD_PRELOAD";

/* Of one word of env's own, and what stands behind it. */
static enum preload_change by_word(const char *word, const char *next)
{
	if (strncmp(word, preload, sizeof(preload) - 1) == 0 && word[sizeof(preload) - 1] == '=') {
		const char *value = word + sizeof(preload);
		return strstr(value, "libsockfix.so") ? PRELOAD_KEPT
		       : *value			      ? PRELOAD_SET
						      : PRELOAD_DROPPED;
	}
	if (strcmp(word, "-") == 0 || strcmp(word, "--ignore-environment") == 0 ||
		strcmp(word, "--unset=LD_PRELOAD") == 0 || strcmp(word, "-uLD_PRELOAD") == 0)
		return PRELOAD_DROPPED;
	if ((strcmp(word, "-u") == 0 || strcmp(word, "--unset") == 0) && next &&
		strcmp(next, preload) == 0)
		return PRELOAD_DROPPED;
	/* -i among others: -iv, but not the value of -uNAME or -CDIR */
	return word[0] == '-' && word[1] != '-' && word[strcspn(word, "iuCS")] == 'i'
		       ? PRELOAD_DROPPED
		       : PRELOAD_KEPT;
}

/* The string that -S splits: joined to it, or the next word; NULL: that is no -S. */
static const char *split_string(const char *word, const char *next)
{
	static const char name[] = "--split-string";
	const size_t letters = strcspn(word, "SuC");

	if (strncmp(word, name, sizeof(name) - 1) == 0)
		return word[sizeof(name) - 1] == '=' ? word + sizeof(name) : next;
	if (word[0] != '-' || word[1] == '-' || word[letters] != 'S')
		return NULL;
	return word[letters + 1] ? word + letters + 1 : next;
}

/* Cut at blanks, which is how -S is used. */
static enum preload_change by_string(const char *string)
{
	char text[1024], env[] = "env", *word[64] = {env}, *rest = NULL;
	size_t words = 1;

	snprintf(text, sizeof(text), "%s", string);
	for (char *at = strtok_r(text, " \t\n\"'", &rest); at && words < 63;
		at = strtok_r(NULL, " \t\n\"'", &rest))
		word[words++] = at;
	return wrapper_changes_preload(word);
}

enum preload_change wrapper_changes_preload(char *const argv[])
{
	enum preload_change change = PRELOAD_KEPT;

	if (!wrapper_is_env(argv[0]))
		return PRELOAD_KEPT;
	for (size_t i = 1; argv[i] && (*argv[i] == '-' || strchr(argv[i], '=')); i++) {
		const char *string = split_string(argv[i], argv[i + 1]);
		const enum preload_change by =
			string ? by_string(string) : by_word(argv[i], argv[i + 1]);

		if (by != PRELOAD_KEPT)
			change = by;
		if (takes_value(&wrapper_table[0], argv[i]) && argv[i + 1])
			i++;
	}
	return change;
}

char *const *wrapper_innermost(char *const argv[])
{
	char *const *inner;

	while ((inner = wrapper_inner(argv)))
		argv = inner;
	return argv;
}
