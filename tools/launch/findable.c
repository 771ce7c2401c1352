/* Looks as execvp(3) and the kernel will, at COMMAND and at what its #! line names. Starts nothing,
 * and knows nothing of the library. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/text.h"
#include "tools/launch/findable.h"
#include "tools/launch/script.h"
#include "tools/launch/wrapper.h"

enum { NOT_THERE = 127, NOT_EXECUTABLE = 126 };

static int say_not(const char *name, int error)
{
	const char *path = getenv("PATH");

	if (error != -ENOENT)
		say("'%s' cannot be executed: %s", name, strerror(-error));
	else if (strchr(name, '/'))
		say("'%s' is not found: there is no such file", name);
	else if (path)
		say("'%s' is not found: no folder of PATH has it (PATH=%s)", name, path);
	else
		say("'%s' is not found in /bin and /usr/bin, and PATH is not set", name);
	return error == -ENOENT ? NOT_THERE : NOT_EXECUTABLE;
}

/* An interpreter may be missing, of a script that is there. */
static int say_not_run(const char *name, const char *interpreter, int error)
{
	if (error == -ENOENT)
		say("'%s' is not found: its first line names '%s', which is not there", name,
			interpreter);
	else
		say("'%s' cannot be executed: its first line leads to '%s': %s", name, interpreter,
			strerror(-error));
	return error == -ENOENT ? NOT_THERE : NOT_EXECUTABLE;
}

static int look_at(const char *name)
{
	char path[PATH_MAX];
	int error = command_find(name, path);

	if (error)
		return say_not(name, error);
	error = script_follow(path);
	/* Who may run it need not be able to read it. */
	return error && error != -EACCES ? say_not_run(name, path, error) : 0;
}

/* env may change where its command is looked for: then only env can tell. */
static bool is_looked_for_here(char *const argv[], char *const *inner)
{
	if (!wrapper_is_env(argv[0]))
		return true;
	for (char *const *word = argv + 1; word < inner; word++)
		if (**word == '-' || strncmp(*word, "PATH=", 5) == 0)
			return false;
	return true;
}

int findable_not(char *const argv[])
{
	int status = look_at(argv[0]);
	char *const *inner = wrapper_inner(argv);

	while (!status && inner && is_looked_for_here(argv, inner)) {
		argv = inner;
		inner = wrapper_inner(argv);
		status = look_at(argv[0]);
	}
	return status;
}
