/* The files that a value of EnvironmentFile= names. */
#ifndef SOCKFIX_UNIT_PATTERN_H
#define SOCKFIX_UNIT_PATTERN_H

#include <stdbool.h>

/* Calls take for each, without the root; one that is not there, too, unless it was a pattern.
 * name: of the unit. False: it has a specifier that only systemd knows. */
bool pattern_each(const char *root, const char *name, const char *value,
	void (*take)(void *context, const char *file), void *context);

#endif
