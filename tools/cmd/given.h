/* `sockfix mend` on a process that has the library. */
#ifndef SOCKFIX_CMD_GIVEN_H
#define SOCKFIX_CMD_GIVEN_H

#include "rules/rule.h"
#include "tools/live/library.h"

/* Gives it the rules, or only says which; prints what came of it. Returns the exit status. */
int given_to(pid_t pid, const struct library *library, const struct ruleset *rules, bool only_says);

#endif
