/* Whether this kernel does what takes.c says that it does: tried on sockets that reach nobody, in a
 * cgroup of their own. */
#ifndef SOCKFIX_SCOPE_TRIAL_H
#define SOCKFIX_SCOPE_TRIAL_H

#include <stdbool.h>

#include "rules/rule.h"

/* Tries each option that the rules set. tell() gets one sentence for each that this kernel does not
 * take from a program on a cgroup. False: it takes none of them. Where nothing can be tried, true:
 * attaching will say why. */
bool trial_passes(const struct ruleset *set,
	void (*tell)(const struct rule *rule, bool refused, const char *sentence));

#endif
