/* A program that no library reaches, mended from beside it: a process of ours does what `sockfix
 * mend -p` does, for as long as the program runs. It can be killed at any moment: it holds nothing
 * that the program needs. */
#ifndef SOCKFIX_CMD_BESIDE_H
#define SOCKFIX_CMD_BESIDE_H

#include <stdbool.h>

#include "rules/rule.h"

/* Starts that process, which waits until this one has executed COMMAND. It is no child of COMMAND,
 * in a session of its own, and holds none of its descriptors. name: COMMAND, for the sentences that
 * say what is done, or why it cannot be. rules: its own copy is used. */
void beside_start(const char *name, const struct ruleset *rules);

#endif
