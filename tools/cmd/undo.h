/* The file that undoes a mend. */
#ifndef SOCKFIX_CMD_UNDO_H
#define SOCKFIX_CMD_UNDO_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "tools/live/undo.h"

struct undo_file {
	const char *wanted; /* NULL: below the state folder */
	char path[PATH_MAX];
	FILE *file; /* NULL until something is kept, or one is wanted */
	bool used;
};

/* Makes the one that is wanted. False: that cannot be (said). */
bool undo_file_choose(struct undo_file *file, const char *wanted);
/* Makes one for the first. False: it cannot be kept (said). */
bool undo_file_add(struct undo_file *file, const struct undo *undo);
/* One in which nothing was kept is taken away. */
void undo_file_close(struct undo_file *file);

/* Puts all of it back, the last first, a line each. Returns the exit status. */
int undo_file_put_back(const char *path);

#endif
