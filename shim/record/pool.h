/* Room in the run's pool, for a process that lost the right to make a file. */
#ifndef SOCKFIX_TRACE_POOL_H
#define SOCKFIX_TRACE_POOL_H

#include <stdbool.h>
#include <stdint.h>

/* As the process starts, while it still may: maps the pool, where the run has one. */
void trace_pool_open(void);

/* Whether the process has become another user since then, or has another root: what it may not do
 * in the run's directory says nothing about room. */
bool trace_pool_has_moved(void);

/* And there is no pool that could help: whoever finds no room in one has a right to it. */
bool trace_pool_is_missed(void);

/* The next `blocks` blocks of owner's file, which begin with its block `first`: allocated, zeroed,
 * for all to see. NULL: there is no room, or no pool. */
void *trace_pool_take(uint64_t owner, uint32_t first, uint32_t blocks);

#endif
