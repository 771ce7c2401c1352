/* Folders that an import was made in, taken away again. */
#ifndef SOCKFIX_DISCARD_H
#define SOCKFIX_DISCARD_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* Removes what written.h makes in it, and the folder where nothing else is in it. */
void import_discard(const char *folder);

/* A folder of our own that goes away with us, however we end: a process of ours waits for that. */
struct passing {
	char folder[PATH_MAX];
	pid_t keeper;
	int line; /* our end of what tells it */
};
/* Below $TMPDIR, else /var/tmp: a log's recording can be large. False: errno. */
bool passing_make(struct passing *passing);
/* The same for a folder that is there already, by its whole path, until passing_keep(). */
bool passing_watch(struct passing *passing);
/* It stays. */
void passing_keep(struct passing *passing);
/* Takes it away now. */
void passing_end(struct passing *passing);

#endif
