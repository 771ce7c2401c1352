/* What a judged run comes to: the first word of its report, its seconds, and what may be doubted.
 * Pure. */
#ifndef SOCKFIX_VERDICT_H
#define SOCKFIX_VERDICT_H

#include "tools/find/find.h"

enum verdict_word {
	VERDICT_STALLED,
	VERDICT_SPIKES,
	VERDICT_BUSY,	 /* it burns CPU on its sockets */
	VERDICT_PEER,	 /* which reads more slowly than this side sends */
	VERDICT_NAMES,	 /* looking them up */
	VERDICT_CLIENTS, /* stalled are those of this program, not itself */
	VERDICT_OTHERS,	 /* its peers lack bytes */
	VERDICT_NOT_SOCKETS,
	VERDICT_NOT_SURE,
	VERDICT_MENDED
};

/* Why nothing can be judged. */
enum unjudged {
	UNJUDGED_NOT,	    /* it can */
	UNJUDGED_ELSEWHERE, /* the work is in a process that we cannot see */
	UNJUDGED_LOST,	    /* no connection, and not all of the recording is there */
	UNJUDGED_NOBODY,    /* the library was in no process */
	UNJUDGED_UNSEEN	    /* no connection, and a part of the run went unseen */
};

/* What the loud findings come to. */
struct loud {
	size_t all, ours, rules;
	uint64_t ours_ns;			    /* what sockfix lost itself */
	uint64_t least, most;			    /* what rules win back */
	bool sure, proven;			    /* all are; that rules win that back is */
	uint64_t low[CODE_PARTS], high[CODE_PARTS]; /* by the part of the run that they are in */
};

struct loud loud_of(const struct findings *findings);

struct verdict {
	enum verdict_word word;
	enum unjudged unjudged;
	bool covered;	/* enough was seen for a 'no' */
	uint64_t whole; /* ns: what %RUN is of */
	uint64_t lost;	/* ns that findings cost which are proven or likely, at most whole */
	/* ns that may be stalls, by findings that are only possible, by waits that no finding is
	 * about, or by what the kernel held back for a time that is not known. */
	uint64_t doubt;
	const struct finding *loudest; /* the costliest that is loud; NULL: none is */
	const struct finding *others;  /* and that others pay for, proven */
	struct loud loud;
};

struct verdict verdict_take(const struct fold *fold, const struct findings *findings);

/* The wall time; of several processes, their times together. ns. */
uint64_t fold_whole(const struct fold *fold);

/* Proven or likely, with seconds, and not minor: what STALLED is about. */
bool finding_is_loud(const struct finding *finding);
/* A rule is offered for it, and that it wins these seconds is not proven: `prove` tells. */
bool finding_wants_proof(const struct finding *finding);
/* A01 A02 A03 are no habits that cost: they say where the time is. */
bool finding_is_place(const struct finding *finding);
/* sockfix itself lost these seconds. */
bool finding_is_ours(const struct finding *finding);

/* All bytes that the kernel was asked about were seen: what is missing are connections that it was
 * not asked about. */
bool fold_saw_what_was_asked(const struct fold *fold);

/* Turns in which the kernel held bytes back, of those in which it could have. */
struct held {
	uint64_t turns, of;
	bool seen; /* most of them waited in calls that were recorded */
};
struct held held_of(const struct fold *fold);

/* What an endpoint's peers were asked: turns, each with the connect before it if it is the first.
 * Averages hide spikes where the longest took more than 100 times the median. */
struct transactions {
	uint64_t *took; /* ns, sorted */
	size_t count;
	uint64_t p50, p99, max;
	bool spikes;
};
struct transactions transactions_take(const struct fold *fold, uint32_t endpoint);
void transactions_free(struct transactions *all);

#endif
