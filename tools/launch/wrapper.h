/* Programs that only start another: env, nice, timeout and their like. */
#ifndef SOCKFIX_WRAPPER_H
#define SOCKFIX_WRAPPER_H

/* The words of the command inside argv, if argv[0] is such a program and its command line is one
 * that we understand; NULL otherwise, and where there is none. */
char *const *wrapper_inner(char *const argv[]);

/* Whether argv is `env` told to drop the environment, and LD_PRELOAD with it (env -i, env -u). */
int wrapper_drops_preload(char *const argv[]);

#endif
