/* Where a COMMAND that is a shell script, or a shell, says that what it starts goes without us. */
#ifndef SOCKFIX_DROPS_H
#define SOCKFIX_DROPS_H

#include <stddef.h>

/* argv, found at command and run by interpreter (the same, where it is no script). note: one
 * sentence that names the place and the remedy; "" where nothing is seen. Reads, starts nothing. */
void drops_look(
	char *const argv[], const char *command, const char *interpreter, char *note, size_t size);

#endif
