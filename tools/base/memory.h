/* Memory of the observer: it is there, or the command ends and says so. */
#ifndef SOCKFIX_MEMORY_TOOL_H
#define SOCKFIX_MEMORY_TOOL_H

#include <stddef.h>

/* From now on large rooms have mappings of their own: growing one copies nothing, and what is given
 * back is the machine's at once. By itself glibc soon keeps rooms of up to 32 MB in its heap
 * (mallopt(3), M_MMAP_THRESHOLD). */
void memory_begin(void);

/* count * size zero bytes, to be freed; never NULL, also for none. */
void *memory_take(size_t count, size_t size);

/* Room for count + 1 members: array as it is, or a larger one in its place (the caller's pointer is
 * then stale). Rooms double, from 8 on; what is new is not cleared. */
void *memory_grow(void *array, size_t count, size_t size);

/* As realloc(3). */
void *memory_again(void *array, size_t size);

/* As asprintf(3), to be freed. */
char *memory_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
