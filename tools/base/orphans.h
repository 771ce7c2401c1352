/* Who gets the children of a process that ends (PR_SET_CHILD_SUBREAPER, prctl(2)). */
#ifndef SOCKFIX_ORPHANS_H
#define SOCKFIX_ORPHANS_H

#include <stdbool.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Whether this process gets them itself: it has no parent left to give them to. */
static inline bool gets_orphans(void)
{
	int is = 0;

	return getpid() == 1 || (prctl(PR_GET_CHILD_SUBREAPER, &is, 0, 0, 0) == 0 && is);
}

#endif
