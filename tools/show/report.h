/* What is shown of a judged run: the screen, one finding in full, rules, JSON. All print to `out`
 * and change nothing. */
#ifndef SOCKFIX_REPORT_H
#define SOCKFIX_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "tools/find/arms.h"
#include "tools/find/find.h"

struct report {
	const struct run *run;
	const struct fold *fold;
	const struct findings *findings;
	const char *directory; /* as the reader should write it; "": the newest run */
	bool all;	       /* minor findings, too */
	bool calls, timeline;  /* in JSON: these views, too */
	const char *verb;      /* what stands in the first line */
};

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

/* Why nothing can be judged, in a sentence that is valid until the next call; NULL: it can. And
 * whether enough was seen for a 'no'. */
const char *report_cannot_judge(const struct report *report);
bool report_is_covered(const struct report *report);
/* The first word of the screen, and its text: "IT IS NOT THE SOCKETS". */
enum verdict_word report_verdict(const struct report *report);
const char *verdict_name(enum verdict_word verdict);

/* Coverage below that is no ground for a 'no'. */
#define REPORT_COVERAGE 0.95

/* All bytes that the kernel was asked about were seen: what is missing are connections that it was
 * not asked about. */
static inline bool fold_saw_what_was_asked(const struct fold *fold)
{
	return fold->bytes_kernel &&
	       (double)fold->bytes_seen >= REPORT_COVERAGE * (double)fold->bytes_kernel;
}

/* What %RUN is of, ns: the wall time; of several processes, their times together. */
uint64_t report_whole(const struct report *report);
/* ns that findings cost which are proven or likely, at most report_whole(). */
uint64_t report_lost(const struct report *report);
/* ns that findings which are only possible may cost, likewise; but those that only the program's
 * author could change are no reason to doubt a 'no'. */
uint64_t report_possible(const struct report *report);
/* ns that may be stalls, by findings that are only possible, by waits that no finding is about, or
 * by what the kernel held back for a time that is not known. */
uint64_t report_doubt(const struct report *report);
/* Proven or likely, with seconds, and not minor: what STALLED is about. */
bool finding_is_loud(const struct finding *finding);
/* A rule is offered for it, and that it wins these seconds is not proven: `prove` tells. */
bool finding_wants_proof(const struct finding *finding);
/* A01 A02 A03 are no habits that cost: they say where the time is. */
bool finding_is_place(const struct finding *finding);
/* sockfix itself lost these seconds. */
bool finding_is_ours(const struct finding *finding);
/* The address of the finding's endpoint; "-" of none. */
const char *finding_peer(const struct report *report, const struct finding *finding);

/* Why what was seen is not all, in sentences: processes that run on, or that nobody saw, and
 * plugins that were not watched. "" where there are none. */
enum { UNSEEN_TEXT = 4096 };
void unseen_text(const struct run *run, char *text, size_t size);

/* Where a run's rules cannot be read. */
#define RULES_UNREAD "rules: there were some, but this version of sockfix cannot read them."

void screen_print(FILE *out, const struct report *report);
void finding_print(FILE *out, const struct report *report, const struct finding *finding);
/* Its typical turn, a line for each call. */
void excerpt_print(FILE *out, const struct report *report, const struct finding *finding);

/* The time of day of ns since 1970, "02:15:04"; "?" of 0. Returns text. */
enum { CLOCK_TEXT = 16 };
char *clock_text(uint64_t wall, char text[CLOCK_TEXT]);

/* Views of their own, below the screen's header: calls by their seconds, of the run and with `all`
 * of each connection; and when the time was lost. */
void calls_print(FILE *out, const struct report *report);
void timeline_print(FILE *out, const struct report *report);

/* The parts of the screen, in their order. */
void header_print(FILE *out, const struct report *report);
void verdict_print(FILE *out, const struct report *report);
/* The costliest finding that is loud; NULL: none is. And that others pay for, proven. */
const struct finding *report_loudest(const struct report *report);
const struct finding *report_others(const struct report *report);
/* Its sentences where that is STALLED; the first goes on at that column. */
void stalled_print(FILE *out, const struct report *report, size_t column);
/* What the loud findings may win by rules, or that none does. */
void stalled_print_mends(FILE *out, const struct report *report);
/* What sockfix itself did: the last lines of the verdict. */
void ours_print(FILE *out, const struct report *report);
void histogram_print(FILE *out, const struct report *report);
void bar_print(FILE *out, const struct report *report);
void table_print(FILE *out, const struct report *report);
void dialect_print(FILE *out, const struct report *report);
void no_print(FILE *out, const struct report *report);
/* What the kernel told of the connections: the busiest first, no listeners. */
void connections_print(FILE *out, const struct report *report);
void next_print(FILE *out, const struct report *report);

/* Whether averages hide spikes at that endpoint: the longest transaction took more than 100 times
 * the median. */
bool endpoint_has_spikes(const struct report *report, uint32_t endpoint);

/* What the histogram is of: turns, each with the connect before it if it is the first, ns. */
struct transactions {
	size_t count;
	uint64_t p50, p99, max;
};
struct transactions endpoint_transactions(const struct report *report, uint32_t endpoint);

/* One rule for each finding that a rule mends. Returns how many. */
int suggest_print(FILE *out, const struct report *report);

/* False without memory or room. */
bool json_print(FILE *out, const struct report *report);

const char *sure_name(enum sure sure);
const char *fix_name(enum fix fix);
/* The rule as text; indent: spaces before each line. What is longer than `width` goes on in lines
 * of its own, between two settings. */
void mend_print(FILE *out, const struct mend *mend, int indent, size_t width);

/* Both arms of `sockfix prove` and the verdict. */
void arms_print(FILE *out, const struct report *report, const struct arms *arms);

#endif
