/* Judges what was seen of a running process by looking (tools/live): the same codes as of a
 * recording, with shares of the looks in place of seconds. */
#ifndef SOCKFIX_SAMPLED_H
#define SOCKFIX_SAMPLED_H

#include "tools/base/share.h"
#include "tools/find/verdict.h"
#include "tools/live/observed.h"

struct symptom;

/* Of one code at one endpoint. */
struct sampled_finding {
	const struct code *code;
	const struct symptom *symptom; /* symptoms.h */
	enum sure sure;
	enum fix fix;
	const struct connection *worst;
	uint32_t connections; /* that have it */
	struct when when;     /* the judge's own */
	uint32_t hits, of;    /* looks, at which any of them had it */
	bool minor;	      /* it costs connections, not time: share is 0 */
	struct share share;   /* of the time */
	bool server;	      /* it was accepted, or it listens */
	bool others;	      /* somebody else waits */
	char peer[64];	      /* "192.0.2.7:143", "port 8080" */
	char what[160];
	struct mend mend; /* set is "" where no rule mends it */
	char no_rule[160];
};

struct sampled {
	struct sampled_finding *finding;     /* the largest share first */
	size_t count, loud;		     /* loud: the first so many are not minor */
	size_t connections, listeners, busy; /* busy: with bytes that moved, or wanted to */
	enum verdict_word word;
	struct share none; /* what may have been missed, where nothing was found */
};

/* Whether what was seen of that connection is a stall of Nagle's, N01 or N02. */
bool sampled_is_stalled(const struct connection *connection);

struct sampled sampled_judge(const struct observed *observed);
void sampled_free(struct sampled *sampled);

#endif
