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

/* By their names, as `which` and the rule files have them, with commas between; of many the first
 * twenty and how many more. To be freed. */
char *in_force_names(const struct in_force *rules);

#endif
