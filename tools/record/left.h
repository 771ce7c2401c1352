/* Recordings that a `record` which was killed left where they were made. */
#ifndef SOCKFIX_RECORD_LEFT_H
#define SOCKFIX_RECORD_LEFT_H

#include "tools/record/record.h"

#define LEFT_MARK "recorder" /* a file in the folder */

/* Of a folder that was just made: locks it, for as long as this process lives, and marks it. False:
 * it is gone again; true also where it cannot be locked: then it is never found. */
bool left_begin(struct record *record);
/* Closes record's lock. */
void left_release(struct record *record);

/* The recording goes on by itself, or stays there for good. */
void left_unmark(const struct record *record);
/* All of it is kept elsewhere: whoever finds it is to remove the rest. */
void left_kept(const struct record *record);
/* Removes the folder if nothing but the mark is in it. False: something is. */
bool left_end(const struct record *record);

/* A descriptor of that folder, locked, where it is ours and its record is gone; else -1. Of several
 * who come at once one gets it. */
int left_take(const char *folder);

/* Puts away what others left below that folder and nobody writes to any more, and says so; what has
 * no trace in it is taken away. */
void left_clear(const char *parent);

#endif
