/* Programs that only start another: env, nice, timeout and their like. */
#ifndef SOCKFIX_WRAPPER_H
#define SOCKFIX_WRAPPER_H

#include <stdbool.h>

#include "tools/launch/shell.h"

/* The words of the command inside argv, if argv[0] is such a program and its command line is one
 * that we understand; NULL otherwise, and where there is none. */
char *const *wrapper_inner(char *const argv[]);

/* The words of what is started in the end, behind all of them: argv itself, if it is none. */
char *const *wrapper_innermost(char *const argv[]);

/* Whether that word is the name of env(1). */
bool wrapper_is_env(const char *word);

/* What argv does to LD_PRELOAD if argv[0] is env: by NAME=VALUE, -u, -i, also within -S. */
enum preload_change wrapper_changes_preload(char *const argv[]);

#endif
