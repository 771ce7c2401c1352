/* Reads /proc/PID/environ. What the program has written over that since is its own word. */
#include "tools/live/inert.h"

#include <stdlib.h>
#include <string.h>

#include "shim/env.h"
#include "tools/live/proc_file.h"

/* The value of NAME= among them; NULL: it is not there. */
static const char *value_of(const char *bytes, size_t length, const char *name)
{
	const size_t name_length = strlen(name);

	for (const char *word = bytes; word < bytes + length; word += strlen(word) + 1)
		if (strncmp(word, name, name_length) == 0 && word[name_length] == '=')
			return word + name_length + 1;
	return NULL;
}

const char *inert_read(const char *bytes, size_t length)
{
	const char *rules = value_of(bytes, length, ENV_RULES);
	const char *off = value_of(bytes, length, ENV_OFF);

	if (!length)
		return "";
	if (off && strcmp(off, "1") == 0)
		return ENV_OFF "=1 is set";
	if (!rules && value_of(bytes, length, ENV_TRACE))
		return ENV_TRACE " names a folder that cannot be used: " ENV_LOG "=stderr says why";
	if (!rules)
		return ENV_RULES " is not set";
	if (!*rules)
		return ENV_RULES " is empty";
	if (*rules == '@')
		return ENV_RULES " names a file that could not be used: " ENV_LOG
				 "=stderr says why";
	return ENV_RULES " cannot be used: cut off, or of another version";
}

const char *inert_why(pid_t pid)
{
	size_t length;
	char *bytes = proc_file_read(pid, "environ", &length);
	const char *why = bytes ? inert_read(bytes, length) : "";

	free(bytes);
	return why;
}
