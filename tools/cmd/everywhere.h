/* All processes that have the library, for verbs that look at a host or switch it. */
#ifndef SOCKFIX_CMD_EVERYWHERE_H
#define SOCKFIX_CMD_EVERYWHERE_H

#include "tools/live/wrapped.h"

/* Finds them. EXIT_FINE; EXIT_FOUND: there is none, said; EXIT_TROUBLE: /proc cannot be read, said.
 * To be ended in any case. */
int everywhere_find(struct wrapped_all *all);

/* Says how many could not be looked at, and frees what was found. */
void everywhere_end(struct wrapped_all *all);

#endif
