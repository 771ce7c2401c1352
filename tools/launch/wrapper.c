/* The table of programs that only start another, and how their command lines are read: options,
 * values of options, so many words of their own, then COMMAND. Adding one is adding a row. */
#include <stdio.h>
#include <string.h>

#include "tools/launch/wrapper.h"

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
	const char *slash = strrchr(word, '/');
	const char *name = slash ? slash + 1 : word;
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

int wrapper_drops_preload(char *const argv[])
{
	if (wrapper_of(argv[0]) != wrapper_table)
		return 0;
	for (size_t i = 1; argv[i] && (*argv[i] == '-' || strchr(argv[i], '=')); i++) {
		if (strcmp(argv[i], "-i") == 0 || strcmp(argv[i], "-") == 0 ||
			strcmp(argv[i], "--ignore-environment") == 0 ||
			strcmp(argv[i], "--unset=LD_PRELOAD") == 0)
			return 1;
		if (takes_value(&wrapper_table[0], argv[i]) && argv[i + 1] &&
			strcmp(argv[++i], "LD_PRELOAD") == 0)
			return 1;
	}
	return 0;
}
