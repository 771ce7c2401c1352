/* Starting COMMAND with the library in its environment. */
#ifndef SOCKFIX_LAUNCH_H
#define SOCKFIX_LAUNCH_H

#include <limits.h>
#include <stddef.h>

/* Bound of the line in SOCKFIX_RULES: the kernel takes 128 KB a string (MAX_ARG_STRLEN). */
enum { LAUNCH_LINE_MAX = 100 * 1024 };

/* Where libsockfix.so is: beside the running command (the build folder), else below the prefix
 * it was built for. Returns 0; on -ENOENT path is the second place. */
int launch_library(char path[PATH_MAX]);

/* The value of LD_PRELOAD: what was there (NULL: nothing) keeps its place and library comes last,
 * once. The caller frees it. NULL and -errno in *error: -ENOMEM; -EINVAL for a library whose path
 * holds a byte that ld.so(8) would take apart: space, colon, '$'. */
char *launch_preload(const char *library, const char *old, int *error);

/* Runs argv in place of this process, or says why not and returns the exit status: 127 when it
 * was not found, 126 when it cannot be executed, as coreutils do. */
int launch_exec(char *const argv[]);

#endif
