/* All processes with TCP sockets, looked at together: the kernel is asked once for each network
 * namespace, not for each process. */
#ifndef SOCKFIX_LIVE_EVERYONE_H
#define SOCKFIX_LIVE_EVERYONE_H

#include "tools/live/observed.h"
#include "tools/live/owners.h"
#include "tools/live/netspaces.h"

struct party {
	struct observed observed;
	uint64_t began;	 /* who.h: a PID may be used again */
	size_t netspace; /* where its sockets were listed last, or NETSPACE_NONE: it is gone */
	bool apart;	 /* its namespace may not be entered: it is looked at for itself */
};

struct everyone {
	struct party **process; /* some may have ended */
	size_t processes;
	struct party nameless; /* sockets of which /proc does not say whose they are */
	struct owners owners;
	struct netspaces netspaces;
	uint32_t walks, lists;	     /* over /proc, and of each namespace's sockets */
	uint64_t walked;	     /* ns, the last one */
	uint32_t looks_at_walk;	     /* looks until then */
	uint64_t over_due;	     /* connections that have ended are counted, likewise */
	uint64_t walk_due, list_due; /* ns, the next ones, at the soonest */
	size_t unknown;		     /* sockets that the last list had and no walk could know yet */
	size_t shut; /* processes in namespaces that are closed to us in every way */
	uint32_t looks;
};

/* 0; -ENOENT: there is no /proc; else why the kernel does not list sockets. everyone_close() ends
 * it in any case. */
int everyone_open(struct everyone *everyone);
void everyone_close(struct everyone *everyone);

/* One look at everything; now: ns. False: nothing can be seen any more. */
bool everyone_look(struct everyone *everyone, uint64_t now);

/* Before judging: what may have an owner that is not known yet is left out, and each process knows
 * who listens where it is. */
void everyone_settle(struct everyone *everyone);
/* The same, where something is wrong with such a one after a last walk and look. */
void everyone_finish(struct everyone *everyone, uint64_t now);

/* What was seen counts half from now on, and what is gone no more. */
void everyone_fade(struct everyone *everyone);

#endif
