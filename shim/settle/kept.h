/* Places for decisions; for decisions.c alone. Never freed. */
#ifndef SOCKFIX_KEPT_H
#define SOCKFIX_KEPT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "rules/rule.h"

struct kept {
	struct decision decision;
	const void *by;	    /* the rules that it is made by */
	_Atomic bool ready; /* set last */
};

/* One past the highest number that there is. */
int kept_end(void);

/* The place of that number, which is below kept_end(); NULL: it is not there yet. */
struct kept *kept_at(int number);

/* A new one, zeroed, and its number, which a flow has 16 bits for. NULL: there is no room for more.
 */
struct kept *kept_new(int *number);

#endif
