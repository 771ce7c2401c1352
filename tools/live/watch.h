/* Looks at processes for a while. */
#ifndef SOCKFIX_LIVE_WATCH_H
#define SOCKFIX_LIVE_WATCH_H

#include "tools/live/everyone.h"

struct watch;

/* Why a screen is woken; or a signal of its own. */
enum { WATCH_SECOND = 0, WATCH_KEY = -1 };

/* Somebody who wants to know meanwhile. */
struct watch_screen {
	int (*keys)(void); /* a descriptor to be read; < 0: there is none now */
	/* false: it is enough */
	bool (*wake)(struct watch *watch, int why, void *context);
	void *context;
};

struct watch {
	struct observed *process;
	size_t processes;
	struct everyone *everyone;	   /* not NULL: in place of these */
	const struct watch_screen *screen; /* may be NULL */
	double seconds;			   /* for how long; 0: until it is stopped */
	double a_second;		   /* looks, at most */
	/* is called after each look, unless NULL; ns. False: that is enough */
	bool (*each)(void *context, uint64_t now);
	void *context;
	/* what came of it, so far */
	uint64_t took, cost; /* ns, of the clock and of a processor */
	bool stopped;	     /* by a signal, or by the screen */
};

/* Returns when the time is over, when all processes have ended, or at SIGINT, SIGTERM, SIGHUP; with
 * a screen at SIGQUIT, too. The screen is woken each second, by keys, and by SIGWINCH, SIGTSTP and
 * SIGCONT. */
void watch_run(struct watch *watch);

#endif
