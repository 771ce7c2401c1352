/* Which word of a command line is the script. Must not know any program: an option that takes a
 * value is one in every interpreter. */
#include "rules/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

const char *command_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Options of interpreters that take the next word: python -W -X, java -cp, perl and ruby -I -r. */
static bool takes_a_value(const char *option)
{
	static const char *const with_value[] = {
		"-W", "-X", "-cp", "-classpath", "--class-path", "-I", "-r", "--require"};

	for (size_t i = 0; i < sizeof(with_value) / sizeof(*with_value); i++)
		if (strcmp(option, with_value[i]) == 0)
			return true;
	return false;
}

/* The first word that is no option, or what follows -m and -jar. */
const char *command_script(const char *word, const char *end)
{
	for (; word < end; word += strlen(word) + 1) {
		if (strcmp(word, "-c") == 0 || strcmp(word, "-e") == 0)
			return NULL;
		if (takes_a_value(word))
			word += strlen(word) + 1;
		else if (word[0] != '-')
			return command_base_name(word);
	}
	return NULL;
}
