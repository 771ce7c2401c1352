/* Asks this host's kernel whether it takes what the rules set, on sockets that reach nobody. */
#ifndef SOCKFIX_PROBE_H
#define SOCKFIX_PROBE_H

#include <stdbool.h>

#include "rules/rule.h"

/* Tries each option that the rules set on a TCP socket of its own, and on a listening one where
 * it is applied there. tell() gets the rule and one sentence for each that is refused, and for
 * each that is taken but bounded by a limit of this host. A sentence lives until tell() returns. */
void probe_rules(const struct ruleset *set,
	void (*tell)(const struct rule *rule, bool refused, const char *sentence));

#endif
