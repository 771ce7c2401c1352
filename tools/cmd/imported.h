/* What `import` and `report --from` say of a file that they read. */
#ifndef SOCKFIX_CMD_IMPORTED_H
#define SOCKFIX_CMD_IMPORTED_H

#include <stdbool.h>

#include "tools/import/import.h"

/* What it lacks, where it lacks something. */
void imported_say(const struct import_note *note);

/* The word behind --end; false: it is none. */
bool imported_end(const char *word, enum import_end *end);

#endif
