/* The files in the folder of a recording. */
#ifndef SOCKFIX_FILES_H
#define SOCKFIX_FILES_H

#include <stdbool.h>

/* Copies all into that folder, which is empty, then takes the old ones away with theirs; when a
 * copy fails, the new ones. False: errno. */
bool files_move(const char *from, const char *to);

#endif
