/* AddressSanitizer's runtime library wants to be loaded before every other one, unless told that
 * any order will do. */
#ifndef SOCKFIX_ASAN_H
#define SOCKFIX_ASAN_H

#include <stdbool.h>

/* The value of ASAN_OPTIONS with which a library may be preloaded: what was there (NULL: nothing)
 * and our word behind it; to be freed. NULL and *error 0: it stays as it is, for the user has said
 * something about the order; NULL and -ENOMEM in *error: no memory. */
char *asan_options(const char *old, int *error);

/* Whether the user has said that the order must be kept: then a program with that runtime ends
 * itself where a library is preloaded. */
bool asan_keeps_order(const char *options);

#endif
