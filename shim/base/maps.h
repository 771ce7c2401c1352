/* The objects that the program began with, before anything of libc may be called for it. */
#ifndef SOCKFIX_MAPS_H
#define SOCKFIX_MAPS_H

#include "shim/base/object.h"

/* Visits them in the order in which names are looked up, until visit() answers false. Takes no
 * lock: for the start of the program. */
void maps_each(bool (*visit)(const struct object *object, void *context), void *context);

/* Whether it is this library. */
bool maps_is_own(const struct object *object);

/* What stands behind our function of that name: the next definition in that order. NULL: none. */
void *maps_next(const char *name);

/* libc's own function. NULL: it has none. */
void *maps_libc(const char *name);

#endif
