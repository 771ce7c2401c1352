/* What `sockfix look` was asked for. */
#ifndef SOCKFIX_CMD_LOOK_H
#define SOCKFIX_CMD_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tools/show/looked.h"

struct look {
	pid_t *pid; /* none: everyone */
	size_t pids;
	double seconds, a_second; /* seconds 0: none was given */
	bool all, json;
	const char *folder; /* to keep it in; NULL: none */
};

/* Makes the folder, where one was asked for. False, and said: it cannot be, or is not empty. */
bool look_keep_begin(const struct look *look);
/* Writes what was seen to it: look.json and, where there are rules, my.conf. False, and said. */
bool look_keep(const struct look *look, const struct watch *watch, const struct looked_all *all);

/* Everyone; returns the exit status. */
int look_at_all(const struct look *look);

/* The same on a terminal, until its end; watch->everyone is open. Prints the last screen. */
void look_live(struct watch *watch);

/* What is thought of everyone; look_forget() ends it. Valid until the next look. */
struct looked_all look_judge(const struct everyone *everyone);
void look_forget(struct looked_all *all);

#endif
