/* A cgroup of its own for one run: made below the one that this process is in, entered before
 * COMMAND becomes this process, and removed when its last process has ended. With a cgroup goes
 * what was attached to it. */
#ifndef SOCKFIX_SCOPE_OWN_H
#define SOCKFIX_SCOPE_OWN_H

#include "tools/scope/cgroup.h"

struct own {
	char path[PATH_MAX];  /* "": there is none */
	char *const *command; /* in: its words, which who waits for its end must not have */
	int lock; /* its folder, locked: whoever has that, or waits for its end, lives */
	char why[PATH_MAX + 256]; /* where something failed: half a sentence */
};

/* Makes it, and removes those beside it that are empty and were left behind by earlier runs,
 * because whoever was to remove them was killed. Returns 0 or -errno. */
int own_make(struct own *own);

/* Moves this process there, and leaves a process behind that waits for the end of the last one in
 * it (and is no child of this one). Returns 0 or -errno. */
int own_enter(struct own *own);

/* Not entered: removes it. */
void own_drop(struct own *own);

/* Removes what earlier runs have left behind, wherever that is. */
void own_sweep(const struct cgroup_mount *mount);

#endif
