/* Sets options on the connections of a running process: those that rules name, and TCP_NODELAY
 * where it is seen to stall. Wants the permission of ptrace(2). */
#ifndef SOCKFIX_LIVE_MEND_H
#define SOCKFIX_LIVE_MEND_H

#include "rules/rule.h"
#include "tools/live/observed.h"
#include "tools/live/subject.h"
#include "tools/live/undo.h"

enum mend_event_kind {
	MEND_SET,     /* was, left */
	MEND_WOULD,   /* -n: was */
	MEND_REFUSED, /* by the kernel: error */
	MEND_LEFT, /* rule: its leave_alone; or one message a segment, and no rule names the port */
	MEND_BEYOND,  /* the option is none that a connection takes that is made; once an option */
	MEND_LIBRARY, /* coalesce: the library alone can; once a mode */
	MEND_BACK,  /* TCP_NODELAY that was set where it stalled: it sends one way now: left, was */
	MEND_AFTER, /* a second after MEND_SET: answers */
};

struct mend_event {
	enum mend_event_kind kind;
	const struct connection *connection; /* of it, the second that is just over */
	enum role role;
	int option;
	const struct rule *rule; /* that says so; NULL: none does */
	bool stalled;		 /* it is set because the connection was seen to stall */
	const struct value *value;
	struct option_state was, left;
	int error;
	double answers[2]; /* segments with data that came, a second: before and after */
};

/* A connection, as far as it is decided. Those of struct connections, in that order. */
struct mended {
	bool seen;
	bool decided, alone; /* alone: nothing is to be set, ever */
	bool cures;	     /* TCP_NODELAY, where it stalls */
	bool judged;	     /* once at least */
	bool cured;
	struct option_state was, left; /* TCP_NODELAY, where it is cured */
	bool fresh;		       /* something was set in the second that runs */
	bool changed;		       /* ever */
	uint64_t began;		       /* ns: the second that runs; 0: not yet */
	uint64_t wanted;	       /* OPTION_BIT of what rules still want */
	double answers;		       /* a second, before something was set; < 0: not known */
	int16_t rule[OPTION_COUNT];    /* as in struct decision */
};

struct mending {
	/* what is asked */
	const struct ruleset *rules;
	bool only_looks; /* -n */
	bool once;	 /* what is there now, and no more */
	bool (*is_stalled)(const struct connection *connection);
	void (*tell)(void *context, const struct mend_event *event);
	/* keeps what undoes it, before it is set and after; false: it must not be set */
	bool (*keep)(void *context, const struct undo *undo);
	void *context;

	/* how it stands */
	struct observed observed;
	struct process_subject subject;
	uint64_t started; /* who_began() */
	struct mended *of;
	size_t known;	 /* connections in it */
	size_t first;	 /* that were there at the first look; once */
	uint64_t began;	 /* ns */
	bool another;	 /* program is there than at first */
	uint64_t listed; /* that of observed, when the process was looked at last */
	uint64_t told;	 /* OPTION_BIT of MEND_BEYOND */
	unsigned modes;	 /* 1u << enum coalesce of MEND_LIBRARY */
	size_t seen;	 /* connections that were decided upon */
	size_t changed;	 /* connections on which something was (or would be) set */
	size_t refused;	 /* times that the kernel refused */
	int error;	 /* why it cannot go on: no permission, or it could not be kept */
};

/* Fills in how it stands, for a process that can be mended. UNSEEN_NOT; or why it cannot be looked
 * at; or that, and `error` is set: its sockets may not be taken. */
enum unseen mend_open(struct mending *mending, pid_t pid);
void mend_close(struct mending *mending);

/* Connections that would get TCP_NODELAY where they stall, and of which too little was seen. */
size_t mend_unjudged(const struct mending *mending);

/* What watch_run() calls after each look. False: that is all. */
bool mend_step(void *mending, uint64_t now);

#endif
