/* All objects of the process as they are now, and the order in which one of them looks up names. */
#ifndef SOCKFIX_LOADED_H
#define SOCKFIX_LOADED_H

#include "shim/base/object.h"

struct loaded {
	struct object *object; /* in the order of their loading */
	size_t count;
	unsigned long long adds; /* how many were ever loaded */
	size_t *order;		 /* room for `count` places of objects */
};

unsigned long long loaded_adds(void);

/* Fills in one that is all 0. The objects stay as long as nobody can close them: inside dlopen(),
 * or until work(), unless that is NULL, returns: while it runs none is added or taken away. False:
 * no memory. */
bool loaded_take(
	struct loaded *loaded, void (*work)(struct loaded *loaded, void *context), void *context);
void loaded_free(struct loaded *loaded);

/* Fills order with the object at `root` and all that it needs, as dlsym(3) goes through them.
 * Returns how many; 0 where that cannot be told. */
size_t loaded_scope(struct loaded *loaded, size_t root);

#endif
