/* What one file names, for named.c. */
#ifndef SOCKFIX_UNIT_FINDING_H
#define SOCKFIX_UNIT_FINDING_H

#include <stdbool.h>

#include "tools/unit/named.h"

struct finding {
	const char *root, *library;
	struct named *named;
	size_t count, unread;
	bool follows; /* reads what a unit names */
};

/* Adds what that file, below the root, names, and, where it is a unit's, what its files of
 * variables name; one that is not there names nothing. */
void finding_take(struct finding *finding, const char *file);

#endif
