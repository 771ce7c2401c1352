/* A count and its noun: "1 turn", "2 turns". */
#ifndef SOCKFIX_PLURAL_H
#define SOCKFIX_PLURAL_H

#include <stdint.h>

static inline const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

#endif
