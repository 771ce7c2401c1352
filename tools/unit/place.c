/* Where systemd looks for units (systemd.unit(5), "Unit File Load Path"). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/unit/find.h"

enum { PLACES = 24 };

static const char *const of_system[] = {"/etc/systemd/system.control",
	"/run/systemd/system.control", "/run/systemd/transient", "/run/systemd/generator.early",
	"/etc/systemd/system", "/etc/systemd/system.attached", "/run/systemd/system",
	"/run/systemd/system.attached", "/run/systemd/generator", "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system", "/lib/systemd/system", "/run/systemd/generator.late", NULL};
static const char *const of_users[] = {"/etc/systemd/user", "/run/systemd/user",
	"/usr/local/share/systemd/user", "/usr/share/systemd/user", "/usr/local/lib/systemd/user",
	"/usr/lib/systemd/user", NULL};

/* "$XDG_CONFIG_HOME", else "$HOME/.config", to be freed; NULL: no home. */
static char *below_home(const char *variable, const char *otherwise)
{
	const char *set = getenv(variable), *home = getenv("HOME");

	if (set && *set == '/')
		return memory_print("%s", set);
	return home && *home == '/' ? memory_print("%s/%s", home, otherwise) : NULL;
}

/* What lies below it, which is freed; NULL: nothing. */
static void add(char **place, char *above, const char *below)
{
	size_t count = 0;

	while (place[count])
		count++;
	if (above && count < PLACES)
		place[count] = memory_print("%s%s", above, below);
	free(above);
}

char *unit_config(void)
{
	return below_home("XDG_CONFIG_HOME", ".config");
}

char **unit_places(bool user)
{
	char **place = memory_take(PLACES + 1, sizeof(*place));
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const char *const *fixed = user ? of_users : of_system;

	if (user) {
		add(place, unit_config(), "/systemd/user");
		add(place, runtime ? memory_print("%s", runtime) : NULL, "/systemd/user");
		add(place, below_home("XDG_DATA_HOME", ".local/share"), "/systemd/user");
	}
	for (size_t i = 0; fixed[i]; i++)
		add(place, memory_print("%s", fixed[i]), "");
	return place;
}

void unit_places_free(char **place)
{
	for (size_t i = 0; place[i]; i++)
		free(place[i]);
	free(place);
}

char *unit_folder(const char *name, bool user)
{
	char *config, *folder;

	if (!user)
		return memory_print("/etc/systemd/system/%s.d", name);
	config = unit_config();
	folder = config ? memory_print("%s/systemd/user/%s.d", config, name) : NULL;
	free(config);
	return folder;
}
