/* Opening a file whose name somebody else chose, a rule file, a recording, a program, without ever
 * waiting for it. */
#ifndef SOCKFIX_REGULAR_H
#define SOCKFIX_REGULAR_H

#include <sys/stat.h>

/* What regular_open() answers of a FIFO, a device and all else; below every -errno. */
enum { NOT_REGULAR = -5000 };

/* Opens a regular file for reading. directory: as openat(2) has it, AT_FDCWD; flags: O_NOFOLLOW or
 * 0. Returns a descriptor; -errno; or NOT_REGULAR, and status tells what it is. What is read from
 * the descriptor answers EAGAIN where others would wait. */
int regular_open(int directory, const char *path, int flags, struct stat *status);

/* "a FIFO", "a device": to go before ", not a file". */
const char *regular_kind(const struct stat *status);

#endif
