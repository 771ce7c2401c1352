/* What strace prints by name: errors, signals, flags, socket options; by the numbers that a
 * recording has them by. */
#ifndef SOCKFIX_STRACE_NAMES_H
#define SOCKFIX_STRACE_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* EIO where it is not known, which no socket call returns by itself. */
int strace_errno(const char *name, size_t length);
/* 0 where it is not known. */
int strace_signal(const char *name, size_t length);

/* level << 16 | optname of an option that rules know too, and which it is (rules/option.h); id -1:
 * of no such; 0: not known at all. */
uint32_t strace_option(const char *level, const char *name, int *id);

#endif
