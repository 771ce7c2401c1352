/* Why the library in a process does nothing, as far as the environment tells in which that began.
 */
#ifndef SOCKFIX_LIVE_INERT_H
#define SOCKFIX_LIVE_INERT_H

#include <stddef.h>
#include <sys/types.h>

/* Half a sentence, static; "" where that cannot be told. */
const char *inert_why(pid_t pid);

/* The same of the bytes of /proc/PID/environ, with a NUL behind them. */
const char *inert_read(const char *bytes, size_t length);

#endif
