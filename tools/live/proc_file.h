/* A file of /proc/PID as bytes. */
#ifndef SOCKFIX_LIVE_PROC_FILE_H
#define SOCKFIX_LIVE_PROC_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* The first MB of it at most, with a NUL behind; to be freed. NULL: it cannot be opened, or there
 * is no memory; *length is 0 then. */
char *proc_file_read(pid_t pid, const char *name, size_t *length);

#endif
