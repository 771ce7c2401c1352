/* getopt_long() for verbs, with sentences of our own. */
#ifndef SOCKFIX_ARGUMENTS_H
#define SOCKFIX_ARGUMENTS_H

#include "tools/cmd/verb.h"

enum {
	ARGUMENTS_END = -1,  /* no more options; optind (unistd.h) is the first word */
	ARGUMENTS_STOP = -2, /* --help, --version or a mistake: done, exit with *status */
};

/* The next option of the verb: its letter, with its value in *value. The values of *status are 0
 * and verb->misuse; what was wrong has been said then. */
int arguments_next(const struct verb *verb, int argc, char **argv, const char **value, int *status);

/* Says the sentence, and where help is; returns verb->misuse. */
int arguments_misuse(const struct verb *verb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Says that there is no finding of that code. */
void arguments_no_code(const char *code);

#endif
