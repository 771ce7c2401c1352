/* Finds the library, writes LD_PRELOAD and execs. Knows nothing of rules or of what COMMAND is;
 * the environment is changed by the caller. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/launch/launch.h"
#include "tools/base/text.h"

#define LIBRARY "libsockfix.so"

/* `name` put into the folder of path. */
static int is_there(char path[PATH_MAX], const char *folder, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX &&
	       access(path, R_OK) == 0;
}

/* Where libraries are, as seen from the folder of an installed tree. */
static const char *below_prefix(void)
{
	const size_t length = strlen(SOCKFIX_PREFIX);
	if (strncmp(SOCKFIX_LIBDIR, SOCKFIX_PREFIX "/", length + 1) == 0)
		return &SOCKFIX_LIBDIR[length + 1];
	return "lib";
}

/* Beside the command (the build folder), or where an installed tree has it, wherever that was moved
 * to; at last where this command was to be installed. So of two that are installed each takes its
 * own. */
int launch_library(char path[PATH_MAX])
{
	char folder[PATH_MAX], name[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	if (length > 0) {
		folder[length] = '\0';
		*strrchr(folder, '/') = '\0';
		if (is_there(path, folder, LIBRARY))
			return 0;
		char *bin = strrchr(folder, '/');
		if (bin) {
			*bin = '\0';
			snprintf(name, sizeof(name), "%s/sockfix/" LIBRARY, below_prefix());
			if (is_there(path, folder, name))
				return 0;
		}
	}
	snprintf(path, PATH_MAX, "%s/sockfix/" LIBRARY, SOCKFIX_LIBDIR);
	return access(path, R_OK) == 0 ? 0 : -ENOENT;
}

bool launch_names_one(const char *library)
{
	return library[strcspn(library, " :$\n")] == '\0';
}

/* The first item of the list that is that word; NULL: there is none. ld.so(8) splits at spaces and
 * colons. */
static const char *item_in(const char *list, const char *word)
{
	const size_t length = strlen(word);

	while (*list) {
		const size_t item = strcspn(list, " :");
		if (item == length && memcmp(list, word, length) == 0)
			return list;
		list += item + (list[item] != '\0');
	}
	return NULL;
}

char *launch_preload(const char *library, const char *both, const char *old, int *error)
{
	const char *word = both ? both : library, *was;
	char *value = NULL;
	*error = 0;
	if (!launch_names_one(library)) {
		*error = -EINVAL;
		return NULL;
	}
	if (!old || !*old)
		value = strdup(word);
	else if (item_in(old, word))
		value = strdup(old);
	else if ((was = item_in(old, library))) { /* it reaches one word size only */
		if (asprintf(&value, "%.*s%s%s", (int)(was - old), old, word,
			    was + strlen(library)) < 0)
			value = NULL;
	} else if (asprintf(&value, "%s:%s", old, word) < 0)
		value = NULL;
	if (!value)
		*error = -ENOMEM;
	return value;
}

static char **kept; /* NULL: none */
static bool keeps_strictly;

bool launch_keep_environment(bool strict)
{
	size_t count = 0;
	keeps_strictly = strict;
	if (strict)
		return true;
	while (environ[count])
		count++;
	kept = malloc((count + 1) * sizeof(*kept));
	if (kept)
		memcpy(kept, environ, (count + 1) * sizeof(*kept));
	return kept != NULL;
}

/* It was ours that was too much, perhaps. */
static int exec_bare(char *const argv[], int error)
{
	static const char why[] = "with the rules its environment is too large";
	if (keeps_strictly) {
		say("%s is not run (--strict): %s (%s)", argv[0], why, strerror(error));
		return 125;
	}
	say("running %s without rules: %s (%s)", argv[0], why, strerror(error));
	return launch_exec_bare(argv);
}

int launch_exec_bare(char *const argv[])
{
	if (kept)
		environ = kept;
	kept = NULL;
	return launch_exec(argv);
}

int launch_exec(char *const argv[])
{
	execvp(argv[0], argv);
	int error = errno;
	if ((error == E2BIG || error == ENOMEM) && (kept || keeps_strictly))
		return exec_bare(argv, error);
	say("failed to run command '%s': %s", argv[0], strerror(error));
	return error == ENOENT ? 127 : 126;
}

static void outlive(int number)
{
	(void)number;
}

/* A handler, and not SIG_IGN, for exec gives COMMAND the default again. */
void launch_outlive_own_writes(void)
{
	static const int fatal[] = {SIGXFSZ, SIGPIPE};
	struct sigaction action = {.sa_handler = outlive, .sa_flags = SA_RESTART}, before;

	for (size_t i = 0; i < sizeof(fatal) / sizeof(*fatal); i++)
		if (sigaction(fatal[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
			sigaction(fatal[i], &action, NULL);
}
