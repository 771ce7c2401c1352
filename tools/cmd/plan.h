/* What `run`, `record` and `prove` have in common: rules to a line, library and COMMAND looked at,
 * the environment changed. Says what is wrong in sentences; decides nothing about going on. */
#ifndef SOCKFIX_PLAN_H
#define SOCKFIX_PLAN_H

#include <stdbool.h>

#include "tools/cmd/rulebook.h"

struct scoped;

struct plan {
	struct rulebook_request request;
	bool alone;	       /* children start without us */
	bool watched;	       /* record: rules only where the command line names some */
	struct scoped *scoped; /* run: the way without a library, where that does not reach COMMAND;
				* else NULL */
	bool keeps;	       /* what is too long for SOCKFIX_RULES the caller keeps itself */
	char **command;	       /* its first word may be NULL */
	struct book *book;
	char *line;	/* the rules; NULL where watched and none was named */
	char *file;	/* "@FILE" that holds that line, where it is too long for SOCKFIX_RULES */
	char *preload;	/* LD_PRELOAD */
	char *asan;	/* ASAN_OPTIONS; NULL: as it is */
	char why[1024]; /* why the library does not reach COMMAND; "" where it does */
	bool beside;	/* it does not, and its sockets can be set from beside it */
};

/* True: the library will work in COMMAND, and line and preload are set. False: said why not. */
bool plan_prepare(struct plan *plan);

/* What the environment will have, a variable a line; `run` says what there is to say. */
void plan_print(const struct plan *plan);

/* LD_PRELOAD, ASAN_OPTIONS and ours. False without memory, said. */
bool plan_environment(const struct plan *plan);

void plan_free(struct plan *plan);

#endif
