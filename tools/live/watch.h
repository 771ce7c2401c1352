/* Looks at processes for a while. */
#ifndef SOCKFIX_LIVE_WATCH_H
#define SOCKFIX_LIVE_WATCH_H

#include "tools/live/observed.h"

struct watch {
	struct observed *process;
	size_t processes;
	double seconds;	 /* for how long */
	double a_second; /* looks, at most */
	/* is called after each look, unless NULL; ns. False: that is enough */
	bool (*each)(void *context, uint64_t now);
	void *context;
	/* what came of it */
	uint64_t took, cost; /* ns, of the clock and of a processor */
	bool stopped;	     /* by a signal */
};

/* Returns when the time is over, when all processes have ended, or at SIGINT, SIGTERM, SIGHUP. */
void watch_run(struct watch *watch);

#endif
