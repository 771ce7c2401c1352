/* Which system calls of ours a SystemCallFilter= lets through (systemd.exec(5)). */
#ifndef SOCKFIX_UNIT_FILTER_H
#define SOCKFIX_UNIT_FILTER_H

#include <stdbool.h>

#include "tools/unit/find.h"

/* The name of the first of our calls that it stops; NULL: none. records: those of a recording, too.
 * line: by which, where one names it. */
const char *filter_stops(const struct unit *unit, bool records, const struct unit_line **line);

#endif
