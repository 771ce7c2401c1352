/* The folder that a recording is moved into. Nothing is written over: it is empty, or made. */
#ifndef SOCKFIX_PLACE_H
#define SOCKFIX_PLACE_H

#include <limits.h>
#include <stdbool.h>

#include "tools/record/record.h"

/* Before COMMAND runs: whether that folder is empty, or can be made, as far as can be told without
 * doing it. False: errno, as place_why() says it. */
bool place_may_be(const char *wanted);

/* `wanted`; NULL: the run's own in the state folder. False, and said: there is none. */
bool place_choose(const struct record *record, const char *wanted, char place[PATH_MAX]);

/* Makes the folder, which may be there already, with those above it. False: errno. */
bool place_make_folder(char *place);
/* The same, and it is empty. */
bool place_make(char *place);

/* Half a sentence, after the name of the folder. */
const char *place_why(int error);

/* "." and "..". */
bool place_is_dot(const char *name);

#endif
