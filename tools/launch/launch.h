/* Starting COMMAND with the library in its environment. */
#ifndef SOCKFIX_LAUNCH_H
#define SOCKFIX_LAUNCH_H

#include <limits.h>
#include <stdbool.h>

/* Bound of the line in SOCKFIX_RULES: the kernel takes 128 KB a string (MAX_ARG_STRLEN). */
enum { LAUNCH_LINE_MAX = 100 * 1024 };

/* Where libsockfix.so is: beside the running command (the build folder), else below the prefix
 * it was built for. Returns 0; on -ENOENT path is the second place. */
int launch_library(char path[PATH_MAX]);

/* Whether ld.so(8) takes that path for one: false where it holds a space, a colon or '$'. */
bool launch_names_one(const char *library);

/* The value of LD_PRELOAD: what was there (NULL: nothing) keeps its place and library comes last,
 * once. both: the word that names it together with its twin (twin.h), and is put in its place, or
 * NULL. The caller frees it. NULL and -errno in *error: -ENOMEM; -EINVAL for a library whose path
 * holds a byte that ld.so(8) would take apart: space, colon, '$'. */
char *launch_preload(const char *library, const char *both, const char *old, int *error);

/* Keeps the environment as it is now, before ours goes into it. strict: only remembers that nothing
 * may run without it. False: no memory. */
bool launch_keep_environment(bool strict);

/* Runs argv in place of this process, or says why not and returns the exit status: 127 when it
 * was not found, 126 when it cannot be executed, as coreutils do. Where the kernel has no room for
 * the environment, argv gets the one that was kept, and that is said; 125 where nothing may. */
int launch_exec(char *const argv[]);

/* The same with the environment that was kept, if any, at once. */
int launch_exec_bare(char *const argv[]);

/* From here on a signal for writing where nobody reads, or beyond the limit of a file, is a write
 * that fails: COMMAND must run, and gets the signals as they were. */
void launch_outlive_own_writes(void);

#endif
