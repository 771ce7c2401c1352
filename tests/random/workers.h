/* A few processes at a time: programs that mostly wait cost less of everybody's time side by side.
 * What they find out they write to memory that is shared. */
#ifndef RANDOM_WORKERS_H
#define RANDOM_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

/* True in a new process, which must end by worker_end(). Waits where there are enough. */
bool worker_begin(void);
_Noreturn void worker_end(void);
/* Waits until one has ended; false: none is there. One that failed fails the test. */
bool worker_wait(void);

/* Zeroes. */
void *worker_memory(size_t size);
void worker_memory_free(void *memory, size_t size);

#endif
