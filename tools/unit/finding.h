/* What one file names, for named.c. */
#ifndef SOCKFIX_UNIT_FINDING_H
#define SOCKFIX_UNIT_FINDING_H

#include "tools/unit/named.h"

struct finding {
	const char *root, *library;
	struct named *named;
	size_t count, unread;
};

/* Adds what that file, below the root, names; one that is not there names nothing. */
void finding_take(struct finding *finding, const char *file);

#endif
