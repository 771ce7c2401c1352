/* What a manager gives to all of its services. */
#ifndef SOCKFIX_UNIT_MANAGER_H
#define SOCKFIX_UNIT_MANAGER_H

#include "tools/unit/find.h"
#include "tools/unit/value.h"

/* Fills in the variable as it is before the unit says anything: DefaultEnvironment=
 * (systemd-system.conf(5)), under which lies, of a user's manager, environment.d(5). */
void manager_find(struct variable *variable, const struct unit *unit, const char *name);

#endif
