/* What stands in a unit in the way of the library: what makes it do nothing there, and what only
 * limits it. */
#ifndef SOCKFIX_UNIT_JUDGE_H
#define SOCKFIX_UNIT_JUDGE_H

#include "tools/unit/find.h"
#include "tools/unit/judgement.h"

struct judge_of {
	const struct unit *unit;
	const char *library;   /* its path, as the service is to see it */
	const char *directory; /* where it is to record to; NULL: nowhere */
};

/* To be freed. Looks, starts nothing but a child that looks as the service's user. */
void judge(struct judgement *judgement, const struct judge_of *of);

#endif
