/* Who this process is, as far as rules may ask. */
#ifndef SOCKFIX_SUBJECT_H
#define SOCKFIX_SUBJECT_H

#include "rules/rule.h"

/* Finds out what rules of set ask for, and is not yet known: in the constructor, and before new
 * rules hold; one thread at a time. Opens and closes a descriptor on the way, if at all. */
void subject_start(const struct ruleset *set);

/* A subject with the facts of this process filled in and all of a flow's left to the caller. */
struct subject subject_self(void);

#endif
