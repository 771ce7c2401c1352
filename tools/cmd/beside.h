/* A program that no library reaches, mended from beside it: a process of ours does what `sockfix
 * mend -p` does, for as long as the program runs. It can be killed at any moment: it holds nothing
 * that the program needs. */
#ifndef SOCKFIX_CMD_BESIDE_H
#define SOCKFIX_CMD_BESIDE_H

#include <stdbool.h>

#include "rules/rule.h"

/* Starts that process, which waits until this one has executed COMMAND. It is no child of COMMAND,
 * in a session of its own, and holds none of its descriptors. command: of main()'s argv. Says what
 * is done, or why it cannot be. */
void beside_start(char *const command[], const struct ruleset *rules);

#endif
