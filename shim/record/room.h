/* Where a run is recorded, and how much more of it may be. All by raw system calls; errno is kept.
 */
#ifndef SOCKFIX_TRACE_ROOM_H
#define SOCKFIX_TRACE_ROOM_H

#include <stdbool.h>

#include "shim/trace_format.h"

/* What all processes of the run share, guests (record/guest.h) among themselves; NULL until
 * trace_room_open(). */
extern struct trace_budget *trace_budget;

/* where: absolute, stays valid. False: it may not be used, or has no budget. */
bool trace_room_open(const char *where);

/* A number that all processes of the run know, and nobody else. */
uint64_t trace_room_key(void);

/* Allocates these bytes of the file, from the budget, too. False: there is no room. */
bool trace_room_allocate(long fd, uint64_t from, uint64_t to);

/* A part of a file, for all to see; never unmapped. NULL: none. */
void *trace_room_map(long fd, uint64_t size, uint64_t offset);

#endif
