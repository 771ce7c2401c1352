/* A process whose connections are looked at, again and again. It is not stopped and not changed. */
#ifndef SOCKFIX_LIVE_OBSERVED_H
#define SOCKFIX_LIVE_OBSERVED_H

#include "tools/live/connections.h"
#include "tools/live/descriptors.h"
#include "tools/live/listening.h"
#include "tools/live/over.h"
#include "tools/live/who.h"

/* Why a process cannot be looked at. */
enum unseen {
	UNSEEN_NOT,    /* it can */
	UNSEEN_NONE,   /* there is none of that number */
	UNSEEN_ENDED,  /* there was, a moment ago */
	UNSEEN_HIDDEN, /* /proc hides it (hidepid) */
	UNSEEN_PROC,   /* there is no /proc */
	UNSEEN_THREAD, /* it is a thread of another */
	UNSEEN_DENIED, /* its descriptors may not be seen */
	UNSEEN_BEYOND, /* its network namespace may not be entered, nor a descriptor be borrowed */
	UNSEEN_KERNEL, /* the kernel does not list sockets, and no descriptor may be borrowed */
};

struct observed {
	struct who who;
	struct descriptors descriptors;
	struct connections connections;
	int process;	    /* borrow.h; < 0: none can be had */
	int kernel;	    /* sockets.h, of its network namespace; < 0: all is borrowed */
	int refused;	    /* errno: why there is no way to the kernel */
	uint32_t looks;	    /* at the process; 0: none was possible */
	size_t others;	    /* sockets that the kernel listed when it listed all */
	size_t active;	    /* of these: the process's, and not idle */
	uint64_t listed;    /* ns, when it did; 0: never */
	uint64_t every;	    /* ns from one list to the next; 0: a second, or as many as are cheap */
	uint64_t list_cost; /* ns of a processor, the last one */
	uint64_t began, end;	  /* ns, of the first look and the last */
	bool together;		  /* everyone.h: it is listed with others, not for itself */
	bool ended;		  /* while it was looked at */
	enum unseen unseen;	  /* what became of it */
	struct overs overs;	  /* by observed_count_over() */
	const struct overs *over; /* connections there that ended while it was looked at; NULL:
				   * they were not counted */
	uint8_t listening[LISTENING_BYTES]; /* there */
};

/* Fills it in. UNSEEN_NOT, or why it cannot be looked at. */
enum unseen observed_open(struct observed *observed, pid_t pid);
void observed_close(struct observed *observed);

/* One look at each of its connections; now: ns. False: it has ended, or may not be seen any
 * more. */
bool observed_look(struct observed *observed, uint64_t now);

/* What a look at one of its connections saw. Once bytes were held at three looks, and once the send
 * buffer was a limit for 0.1 s, the program's descriptor is borrowed: is TCP_NODELAY on, has it set
 * SO_SNDBUF? */
void observed_take(struct observed *observed, struct connection *connection,
	const struct socket_state *socket);

/* Counts the connections, of everybody where the process is, that ended while it was looked at. */
void observed_count_over(struct observed *observed);

/* Whether somebody, where the process is, listens on the port of this end of the connection. */
bool observed_is_server(const struct observed *observed, const struct connection *connection);

#endif
