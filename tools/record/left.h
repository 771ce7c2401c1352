/* Recordings that a `record` which was killed left where they were made. */
#ifndef SOCKFIX_RECORD_LEFT_H
#define SOCKFIX_RECORD_LEFT_H

#include "tools/record/record.h"

/* A file in the folder, locked for as long as this process lives: who finds it unlocked knows that
 * nobody is left to put the recording away. Returns its descriptor, which is closed in children and
 * else when we end; -1: where it cannot be had the folder is never found. */
#define LEFT_MARK "recorder"
int left_mark(const struct record *record);
/* The recording is over, or goes on by itself. */
void left_unmark(const struct record *record);

/* Puts away what others left that nobody writes to any more, and says so; what has no trace in it
 * is taken away. */
void left_clear(void);

#endif
