/* The directory that a run is recorded in. All by raw system calls; errno is kept. */
#ifndef SOCKFIX_TRACE_DIRECTORY_H
#define SOCKFIX_TRACE_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

extern const char *trace_directory; /* NULL: none is used */

/* where: absolute, stays valid. Who owns it and what others may do there is looked at each time. */
void trace_directory_use(const char *where);

/* openat(2) in it, close-on-exec: a descriptor, which the caller closes, or -errno. */
long trace_directory_file(const char *name, int flags);
void trace_directory_remove(const char *name);
/* Both in it; where there is a `to` already it stays as it is. False: so it is, or another error.
 */
bool trace_directory_rename(const char *from, const char *to);

/* Whether this process may write a file of that size: one byte more is a SIGXFSZ. */
bool trace_directory_limits(uint64_t size);

#endif
