/* Where kept runs are, and what names of folders are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/record/place.h"
#include "tools/record/record.h"

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool place_is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

bool folder_of_service(const char *variable, char path[PATH_MAX])
{
	const char *list = getenv(variable);

	if (!list || *list != '/' || strcspn(list, ":") >= PATH_MAX)
		return false;
	snprintf(path, PATH_MAX, "%.*s", (int)strcspn(list, ":"), list);
	return is_folder(path);
}

bool store_state(char path[PATH_MAX])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char service[PATH_MAX];

	if (!state && folder_of_service("STATE_DIRECTORY", service))
		state = service;
	if (state && *state == '/')
		return snprintf(path, PATH_MAX, "%s/sockfix", state) < PATH_MAX;
	/* a user without one often has the name of a folder that is not there, and is not to be */
	if (home && *home == '/' && is_folder(home))
		return snprintf(path, PATH_MAX, "%s/.local/state/sockfix", home) < PATH_MAX;
	return false;
}
