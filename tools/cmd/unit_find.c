/* What `sockfix unit` needs to have found: the unit, the library as it is seen there, the place of
 * the drop-in. Says what is missing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/cmd/unit.h"
#include "tools/launch/launch.h"
#include "tools/unit/find.h"
#include "tools/unit/inside.h"

bool unit_say_state(const struct unit *unit, const char *asked)
{
	switch (unit->state) {
	case UNIT_THERE:
		return true;
	case UNIT_NONE:
		say("there is no unit %s%s%s%s", unit->name, unit->user ? " of this user's" : "",
			*unit->root ? " below " : "", unit->root);
		return false;
	case UNIT_MASKED:
		say("%s is masked by %s: nothing starts it until systemctl %sunmask %s%s%s",
			unit->name, unit->path, unit->user ? "--user " : "", unit_quote(unit->name),
			unit->name, unit_quote(unit->name));
		return false;
	case UNIT_NOT_A_SERVICE:
		say("%s starts no program of its own: name the service that it belongs to", asked);
		return false;
	default:
		say("'%s' cannot be the name of a unit", asked);
		return false;
	}
}

/* In a root of its own system it is where that has it installed. */
bool unit_find_library(struct unit_asked *asked)
{
	static const char *const place[] = {SOCKFIX_LIBDIR "/sockfix/libsockfix.so",
		"/usr/lib/sockfix/libsockfix.so", "/usr/local/lib/sockfix/libsockfix.so"};
	const bool own = launch_library(asked->library) == 0;
	bool there = own && !*asked->root;

	for (size_t i = 0; *asked->root && i <= sizeof(place) / sizeof(*place) && !there; i++) {
		const bool last = i == sizeof(place) / sizeof(*place);
		char *path;

		if (last && (!own || launch_library(asked->library) != 0))
			break;
		if (!last)
			snprintf(asked->library, PATH_MAX, "%s", place[i]);
		path = inside(asked->root, asked->library);
		there = access(path, R_OK) == 0;
		free(path);
	}
	if (!there)
		say("%s has no libsockfix.so in %s/sockfix, /usr/lib/sockfix or "
		    "/usr/local/lib/sockfix: make install DESTDIR=%s",
			asked->root, SOCKFIX_LIBDIR, asked->root);
	else if (asked->library[strcspn(asked->library, " :$\n")]) {
		say("the loader would take %s apart: no space, ':' or '$' may stand in its path",
			asked->library);
		there = false;
	}
	return there;
}

bool unit_find_folder(struct unit_asked *asked, const char *unit)
{
	char *folder = unit_folder(unit, asked->user);
	const bool fits = folder && strlen(folder) + strlen(asked->root) < PATH_MAX - 64;

	if (!folder)
		say("neither HOME nor XDG_CONFIG_HOME names a folder for units of this user's");
	else if (!fits)
		say("%s%s: %s", asked->root, folder, strerror(ENAMETOOLONG));
	else
		snprintf(asked->folder, sizeof(asked->folder), "%s", folder);
	free(folder);
	return fits;
}
