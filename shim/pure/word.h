/* Eight bytes that are looked at, or changed, at once. */
#ifndef SOCKFIX_WORD_H
#define SOCKFIX_WORD_H

#include <stdint.h>

/* i386 may have a uint64_t at any four bytes (its psABI), where no such look is one. */
typedef uint64_t word64 __attribute__((aligned(8)));

#endif
