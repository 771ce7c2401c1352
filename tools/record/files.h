/* The files in the folder of a recording. */
#ifndef SOCKFIX_FILES_H
#define SOCKFIX_FILES_H

#include <stdbool.h>

#include "tools/record/record.h"

/* Copies record's files into that folder, which is empty: run.json last, so that who has it has
 * all. Of other users' files it takes what is of the run (tools/read/guests.h); what it leaves out
 * is said. False: errno, and nothing of it is there. */
bool files_copy(const struct record *record, const char *to);

/* Takes away from that folder what has a name of one of record's files: a copy that was not
 * finished. */
void files_take_back(const struct record *record, const char *to);

#endif
