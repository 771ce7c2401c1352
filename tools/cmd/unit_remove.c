/* `sockfix unit --remove`: takes away what is ours, and nothing else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/cmd/unit.h"
#include "tools/unit/drop_in.h"
#include "tools/unit/inside.h"

/* The unit itself may be gone. */
int unit_remove(struct unit_asked *asked)
{
	char path[PATH_MAX], *folder;
	enum drop_in_whose whose;
	struct unit unit;
	int status = EXIT_TROUBLE, error;

	unit_find(&unit, asked->root, asked->user, asked->name);
	if (unit.state == UNIT_BAD_NAME || unit.state == UNIT_NOT_A_SERVICE) {
		unit_say_state(&unit, asked->name);
		unit_free(&unit);
		return EXIT_TROUBLE;
	}
	if (!unit_find_folder(asked, unit.name)) {
		unit_free(&unit);
		return EXIT_TROUBLE;
	}
	folder = inside(asked->root, asked->folder);
	whose = drop_in_whose(folder, path);
	if (whose == DROP_IN_NONE) {
		say("%s has no drop-in of ours (%s/" UNIT_OURS ".conf); sockfix unit --list says "
		    "what names the library",
			unit.name, folder);
		status = EXIT_FOUND;
	} else if (whose == DROP_IN_FOREIGN)
		say("%s is not ours: %s; it stays", path, drop_in_why(path));
	else if ((error = drop_in_remove(folder, path)) != 0)
		say("%s: %s", path, strerror(-error));
	else {
		printf("removed  %s/" UNIT_OURS ".conf\n", folder);
		status = unit_next(asked, unit.name, unit.template);
	}
	free(folder);
	unit_free(&unit);
	return status;
}
