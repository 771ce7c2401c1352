/* A recording, read, folded and judged: what report, suggest and record show. */
#ifndef SOCKFIX_JUDGED_H
#define SOCKFIX_JUDGED_H

#include <stdbool.h>

#include "tools/show/report.h"

struct judged {
	struct run *run;
	struct fold *fold;
	struct findings *findings;
	struct report report;
};

/* False: said why, in one sentence. */
bool judged_open(struct judged *judged, const char *directory);
void judged_close(struct judged *judged);

#endif
