/* Which files a service sees, as the sandbox of its unit has it (systemd.exec(5)). */
#ifndef SOCKFIX_UNIT_SIGHT_H
#define SOCKFIX_UNIT_SIGHT_H

#include "tools/unit/find.h"

/* The line by which that file or folder is hidden from the service; NULL: it sees it, or has a root
 * of its own (sight_root()). */
const struct unit_line *sight_hides(const struct unit *unit, const char *path);
/* By which it may not be written, as far as it is not hidden; NULL: as its user may. */
const struct unit_line *sight_protects(const struct unit *unit, const char *path);
/* By which a library there may not be mapped to run: NoExecPaths=. */
const struct unit_line *sight_forbids(const struct unit *unit, const char *path);

/* RootDirectory= or RootImage=, whichever the unit has; NULL: none. */
const struct unit_line *sight_root(const struct unit *unit);
/* Whether a bind mount brings that path into it. */
bool sight_binds(const struct unit *unit, const char *path);

#endif
