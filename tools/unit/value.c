/* Keeps what was found of a variable. */
#include "tools/unit/value.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"

static void replace(char **text, char *by)
{
	free(*text);
	*text = by;
}

void variable_set(struct variable *variable, enum variable_from from, const char *value,
	const char *file, unsigned line)
{
	variable->from = from;
	replace(&variable->value, value ? memory_print("%s", value) : NULL);
	replace(&variable->place, value ? memory_print("%s:%u", file, line) : NULL);
	replace(&variable->lost, NULL);
}

const char *variable_value(const char *word, const char *name)
{
	const size_t length = strlen(name);

	return strncmp(word, name, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

void variable_free(struct variable *variable)
{
	free(variable->value);
	free(variable->place);
	free(variable->unset);
	free(variable->behind);
	free(variable->lost);
	free(variable->unread);
	free(variable->doubtful);
}
