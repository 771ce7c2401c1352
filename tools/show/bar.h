/* Where the time went, as parts with a letter each: what the bar and its pictures are made of. */
#ifndef SOCKFIX_BAR_H
#define SOCKFIX_BAR_H

#include "tools/show/report.h"

enum bar { BAR_PROGRAM, BAR_PEER, BAR_DOUBT, BAR_STALLED, BAR_OTHER, BAR_UNSEEN, BAR_PARTS };

/* ns: of less a figure of seconds shows nothing. */
#define BAR_LEAST UINT64_C(500000)

struct bar_part {
	char letter;
	const char *name;
	uint64_t ns, loud; /* loud: of the headline's seconds those that are in it */
	int cells;	   /* of the bar on the screen */
};

/* They are the run's wall time. */
void bar_parts(const struct report *report, struct bar_part part[BAR_PARTS]);
/* Where the seconds of the headline are in it, in sentences. */
void bar_print_places(
	FILE *out, const struct report *report, const struct bar_part part[BAR_PARTS]);

#endif
