/* The decision over one flow, with those who lost: what `which` prints. */
#ifndef SOCKFIX_OUTCOME_H
#define SOCKFIX_OUTCOME_H

#include <stdio.h>

#include "rules/rule.h"

/* Prints each setting in force, the rule that set it and its place, and below it the rules that
 * matched and lost. Returns 0 or -ENOMEM. */
int outcome_show(FILE *out, const struct ruleset *set, const struct subject *subject);

#endif
