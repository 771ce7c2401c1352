/* What a unit puts into a variable of its service's environment (systemd.exec(5)): Environment=,
 * over which EnvironmentFile= wins, and UnsetEnvironment= over both. */
#ifndef SOCKFIX_UNIT_VARIABLE_H
#define SOCKFIX_UNIT_VARIABLE_H

#include "tools/unit/find.h"
#include "tools/unit/value.h"

/* Fills it in, to be freed (variable_free()). */
void variable_find(struct variable *variable, const struct unit *unit, const char *name);

#endif
