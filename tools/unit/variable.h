/* What a unit puts into a variable of its service's environment (systemd.exec(5)): Environment=,
 * over which EnvironmentFile= wins, and UnsetEnvironment= over both. */
#ifndef SOCKFIX_UNIT_VARIABLE_H
#define SOCKFIX_UNIT_VARIABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "tools/unit/find.h"

enum variable_from { VARIABLE_NONE, VARIABLE_UNIT, VARIABLE_FILE };

struct variable {
	enum variable_from from;
	char *value;	/* VARIABLE_UNIT: with its specifiers; NULL: none */
	char *place;	/* "FILE:LINE"; NULL: none */
	char *unset;	/* the same of an UnsetEnvironment= that takes it away; NULL: none does */
	char *behind;	/* the same of what is read behind a drop-in of ours and sets it; or NULL */
	char *doubtful; /* a place where it is set, or is a comment: that is up to the version */
	char *unread;	/* the name of a file of variables that could not be read; NULL: none */
};

/* Fills it in, to be freed. */
void variable_find(struct variable *variable, const struct unit *unit, const char *name);
void variable_free(struct variable *variable);

#endif
