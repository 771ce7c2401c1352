/* What is to be said of processes that have the library. */
#ifndef SOCKFIX_SHOW_STATUS_H
#define SOCKFIX_SHOW_STATUS_H

#include <stdio.h>

#include "tools/live/missing.h"
#include "tools/live/wrapped.h"
#include "tools/show/scopes.h"

/* All that there is to say. */
struct status_list {
	const struct wrapped *process;
	size_t count;
	const struct missing *missing;
	size_t missings;
	const struct scope_row *scope;
	size_t scopes;
};

/* "on". */
const char *status_word(enum library_state state);

/* A table with a line for each. */
void status_show_list(FILE *out, const struct wrapped *process, size_t count);

/* All about one that has it, with what was seen inside of it. */
void status_show_one(FILE *out, const struct wrapped *process);

/* Its command, its state and its rules by name. */
void status_show_head(FILE *out, const struct wrapped *process);

/* On stderr: the state of its library, of which nothing more is known. */
void status_say_state(const struct wrapped *process);

/* A list of objects, as status.schema.json has it. 0, or -ENOMEM. */
int status_show_json(FILE *out, const struct status_list *all);

/* On stderr: why nothing is known of that process, or it has not the library. */
void status_say_error(const struct wrapped *process);

/* On stderr: how many could not be looked at, if any. */
void status_say_unseen(size_t unseen);

#endif
