/* A recording, read, folded and judged: what report, suggest and record show. */
#ifndef SOCKFIX_JUDGED_H
#define SOCKFIX_JUDGED_H

#include <stdbool.h>

#include "tools/show/report.h"
#include "tools/base/harmless.h"

struct judged {
	struct run *run;
	struct fold *fold;
	struct findings *findings;
	struct report report;
	struct line pasted; /* the folder's name for a shell */
};

/* masked: as run_mask() says, for strangers. False: said why, in one sentence. */
bool judged_open(struct judged *judged, const char *directory, bool masked);
void judged_close(struct judged *judged);

/* Prints the runs of both folders side by side. An exit status: EXIT_FINE better or equal,
 * EXIT_FOUND worse, EXIT_TROUBLE not comparable. */
int judged_compare(FILE *out, const char *before, const char *after);

#endif
