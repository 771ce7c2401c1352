/* What is to be said of processes that should have the library and have not. */
#ifndef SOCKFIX_SHOW_MISSING_H
#define SOCKFIX_SHOW_MISSING_H

#include <jansson.h>
#include <stdio.h>

#include "tools/live/missing.h"

/* A line for each. */
void missing_show(FILE *out, const struct missing *missing, size_t count);

/* The sentence, without who it is about and its end: "LD_PRELOAD was overwritten: it is 'x.so'". */
void missing_reason(const struct missing *missing, char *text, size_t size);

/* An object for each, behind those of the list. 0, or -ENOMEM. */
int missing_add_json(json_t *list, const struct missing *missing, size_t count);

#endif
