/* Findings: what the folded turns show, what it cost, what mends it. One row of codes.c each; one
 * file a family (nagle, connect, name, buffer, read, loop, life, file, program, ours). Pure. */
#ifndef SOCKFIX_FIND_H
#define SOCKFIX_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/find/stretch.h"
#include "tools/fold/fold.h"

enum sure { SURE_PROVEN, SURE_LIKELY, SURE_POSSIBLE };

/* Who can mend it: the column FIX of the screen. */
enum fix { FIX_NONE, FIX_RULE, FIX_APP, FIX_PEER, FIX_SYSTEM, FIX_PROVE };

/* A rule that mends: match and set of one group, as rules/load.c reads them. */
struct mend {
	char name[64];	 /* of the rule: "n01-10-0-0-1-143" */
	char match[256]; /* `role = "client"; peer = "10.0.0.1"; port = 143;` */
	char set[256];	 /* `coalesce = "auto";` */
	bool force;	 /* and `force = true;`: the program sets the option itself */
};

/* Whether they are the same rule, whatever their names. */
bool mend_is_same(const struct mend *a, const struct mend *b);

struct finding {
	const struct code *code;
	uint32_t endpoint; /* index in fold->endpoint, UINT32_MAX: of no endpoint (names, loops) */
	enum sure sure;
	enum fix fix;
	/* ns of this run; equal where proven. What overlaps within a process counts once; several
	 * processes add up */
	uint64_t lost_low, lost_high;
	uint64_t hits, of;		      /* 'in 4,998 of 5,000 turns' */
	uint64_t saved_segments, saved_calls; /* what else the mend saves */
	char what[160]; /* one sentence: '2 small writes, then a read: 4,998 of 5,000' */
	char how[400];	/* how the seconds were computed */
	/* the excerpt: a typical turn, and the waits of all its turns; flow NULL, no steps: none */
	const struct flow_fold *flow;
	struct turn turn;
	uint64_t p5, p50, p95, max; /* ns, of the hit turns' waits (or of what the finding times) */
	bool minor;		    /* under 1 % of the run and not harmful: only with --all */
	bool others; /* somebody else pays for it: clients of this listener, peers that lack bytes
		      */
	uint64_t others_ns; /* what they wait together, about; in no sum of this run */
	struct mend mend;   /* set is "" where no rule mends it */
	struct mend second; /* the runner-up */
	char second_price[160];
	char no_rule[200]; /* 'no rule mends this: ...' where mend.set is "" */
};

struct findings {
	struct finding *finding; /* most seconds first */
	size_t count;
	struct stretches stalled; /* what split.stalled was covered by */
	struct stretches beside;  /* and of connect() and look-ups */
	uint64_t bound;		  /* ns: no rule can win more than that, by what was seen */
	uint64_t win;	/* ns: the run ends no sooner than by that, for other threads are at work;
			 * UINT64_MAX: nothing is known that would keep it */
	uint64_t doubt; /* ns, of it: the kernel held bytes back, and no finding says how long */
	/* sentences that say why each innocent is one: 'one write a turn, 48,121 of 48,121: ...' */
	struct innocent {
		char label[24]; /* 'why not stalled' */
		char why[160];
	} innocent[8];
	size_t innocents;
};

/* Of the bytes: less is no ground for a 'no'. */
#define SEEN_ENOUGH 0.95

/* Judges the fold and fills in its split.stalled. Below SEEN_ENOUGH nothing is called
 * innocent. */
struct findings *find_all(struct fold *fold);
void findings_free(struct findings *findings);

/* What the wait for this peer (A02) is: its thinking; many answers that took less than a
 * millisecond; for the most part the way there and back; or a server's, for its clients to speak.
 */
enum peer { PEER_THINKS, PEER_QUICK, PEER_FAR, PEER_CLIENTS };
enum peer peer_of(const struct fold *fold, const struct finding *finding);

/* What a code's seconds are, and with that the first word of a report that it leads. */
enum code_sort {
	SORT_STALL, /* somebody waits who need not */
	SORT_CPU,   /* work: nobody waits */
	SORT_BUSY,  /* calls that find nothing to do, or change nothing */
	SORT_PEER,  /* the peer is slow */
	SORT_NAMES, /* names are looked up */
	SORT_OURS,  /* the library's own doing */
	SORT_PLACE, /* no habit: where the time is */
};

/* The part of the run's time (struct split) that its seconds are in. Of a write that the library
 * holds the program knows nothing: it works meanwhile. */
enum code_part { IN_STALLED, IN_OTHER, IN_PEER, IN_PROGRAM, CODE_PARTS };

/* A row of the table of codes, in codes.c: its texts are what `explain CODE` prints. */
struct code {
	char name[4]; /* "N01" */
	enum code_sort sort;
	enum code_part part;
	bool segments;	       /* it is about small segments: Nagle, corks, delayed ACKs */
	const char *title;     /* 'small writes held by Nagle until a delayed ACK' */
	const char *mechanism; /* paragraphs */
	const char *proof;     /* the rule by which it is found, with its thresholds */
	const char *remedy;
	const char *not_when; /* when the remedy does harm */
	const char *source;   /* man page, RFC, kernel file */
	const char *author; /* --for-author: what to change in the program, for a vendor's ticket */
};
extern const struct code code_table[];
extern const size_t code_count;
const struct code *code_find(const char *name); /* in either case; NULL: none such */
bool code_looks(const char *word);		/* as one: a letter and two digits */

#endif
