/* The drop-ins of a unit: NAME.service.d/N.conf and their like. */
#ifndef SOCKFIX_UNIT_BELOW_H
#define SOCKFIX_UNIT_BELOW_H

#include "tools/unit/find.h"

/* "getty@.service" of "getty@tty1.service"; false: it is no instance. */
bool unit_template(const char *name, char template[NAME_MAX + 1]);

/* Fills in the unit's files, in the order in which they are read; place: of unit_places(). */
void unit_find_below(struct unit *unit, char **place);

/* N.conf of those folders, of which the last is NULL: of one name the first, sorted by name. As
 * unit_places(). */
char **below_files(const char *root, char *const *folder);

#endif
