/* The rules that were in force in a run, out of the form in which they travel. */
#ifndef SOCKFIX_IN_FORCE_H
#define SOCKFIX_IN_FORCE_H

#include <stdbool.h>

#include "rules/rule.h"

struct in_force {
	bool known; /* false: another version of sockfix wrote them; the set is empty then */
	struct ruleset set;
	void *room; /* the set's */
};

/* Of run->rules, to be freed. */
struct in_force in_force_take(const char *line);
void in_force_free(struct in_force *rules);

#endif
