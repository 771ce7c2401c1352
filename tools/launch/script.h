/* From the word COMMAND to the file that the kernel will run. */
#ifndef SOCKFIX_SCRIPT_H
#define SOCKFIX_SCRIPT_H

#include <limits.h>

/* Finds name as execvp(3) does: itself where it holds a '/', else in the directories of PATH.
 * Returns 0, -ENOENT, or -EACCES when all that was found cannot be executed. */
int command_find(const char *name, char path[PATH_MAX]);

/* Replaces path, an executable file, by the interpreter that its #! lines lead to, if any;
 * `env PROGRAM` and `env -S` are followed to PROGRAM; a file that is neither ELF nor #! leads to
 * /bin/sh, as execvp(3) does it. Returns 0; -ELOOP after more #! lines than the kernel follows
 * (4); -errno when an interpreter cannot be found or opened, path names it then. */
int script_follow(char path[PATH_MAX]);

#endif
