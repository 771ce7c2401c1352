/* Who this process is, as far as rules may ask. */
#ifndef SOCKFIX_SUBJECT_H
#define SOCKFIX_SUBJECT_H

#include "rules/rule.h"

/* Finds out, once, in the constructor. The command line is read from /proc only where a rule of set
 * asks for it. Opens and closes a descriptor on the way. */
void subject_start(const struct ruleset *set);

/* A subject with the facts of this process filled in and all of a flow's left to the caller. */
struct subject subject_self(void);

#endif
