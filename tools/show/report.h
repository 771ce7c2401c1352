/* What is shown of a judged run: the screen, one finding in full, rules, JSON. All print to `out`
 * and change nothing. */
#ifndef SOCKFIX_REPORT_H
#define SOCKFIX_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "tools/find/arms.h"
#include "tools/find/verdict.h"

struct report {
	const struct run *run;
	const struct fold *fold;
	const struct findings *findings;
	struct verdict verdict; /* verdict_take() of these */
	const char *directory;	/* as the reader should write it; "": the newest run */
	bool all;		/* minor findings, too */
	bool calls, timeline;	/* in JSON: these views, too */
	uint64_t limit;		/* slices of a trace for Perfetto; 0: as usual */
	const char *verb;	/* what stands in the first line */
};

/* "IT IS NOT THE SOCKETS" */
const char *verdict_name(enum verdict_word verdict);
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
/* Of it: "run 7f3a  02:15:04-02:18:34"; and all lines below the command's. */
enum { HEADER_RUN = 96 };
void header_run(const struct run *run, char text[HEADER_RUN]);
void header_print_facts(FILE *out, const struct report *report);
void verdict_print(FILE *out, const struct report *report);
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

/* One rule for each finding that a rule mends. Returns how many. */
int suggest_print(FILE *out, const struct report *report);

/* False without memory or room. */
bool json_print(FILE *out, const struct report *report);

/* One page that needs nothing beside it, for browsers and paper. False likewise. */
bool html_print(FILE *out, const struct report *report);

/* The run as a trace of Chrome's format, for Perfetto. False likewise. */
bool perfetto_print(FILE *out, const struct report *report);

const char *sure_name(enum sure sure);
const char *fix_name(enum fix fix);
/* The rule as text; indent: spaces before each line. What is longer than `width` goes on in lines
 * of its own, between two settings. */
void mend_print(FILE *out, const struct mend *mend, int indent, size_t width);

/* Both arms of `sockfix prove` and the verdict. */
void arms_print(FILE *out, const struct report *report, const struct arms *arms);

#endif
