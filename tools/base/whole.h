/* Writing all of a text, for files that are there whole or not at all. */
#ifndef SOCKFIX_WHOLE_H
#define SOCKFIX_WHOLE_H

#include <stddef.h>

/* write(2) until all is written, also where a signal comes between. Returns 0 or -errno. */
int whole_write(int fd, const char *text, size_t length);

#endif
