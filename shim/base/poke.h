/* Writing to memory of this process, whatever it is mapped as: by /proc/self/mem. By raw system
 * calls, errno kept. */
#ifndef SOCKFIX_POKE_H
#define SOCKFIX_POKE_H

#include <stdbool.h>
#include <stdint.h>

/* A descriptor for poke(), to be closed by poke_end(); or -errno. */
long poke_begin(void);
void poke_end(long fd);

/* Writes one word. False: it cannot be written. */
bool poke(long fd, uintptr_t address, uintptr_t word);

#endif
