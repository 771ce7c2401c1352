/* One line on the terminal that says how a run goes, while it does. */
#ifndef SOCKFIX_RECORD_PROGRESS_H
#define SOCKFIX_RECORD_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tools/read/tail.h"

enum progress_wish {
	PROGRESS_NEVER,
	PROGRESS_FITTING, /* of a run of some seconds, where nobody else writes on that terminal */
	PROGRESS_ALWAYS,  /* wherever there is a terminal */
};

struct progress;

/* Of the run in that folder, whose name must outlive it, on stderr. NULL: it is not wished, stderr
 * is no terminal, or there is no memory. To be ended. */
struct progress *progress_new(const char *folder, enum progress_wish wish);

/* Reads what came, and draws. root: COMMAND's process. Returns the ms until it is to be asked
 * again: once a second, and so seldom that a hundredth of the time goes into it at most. */
int progress_look(struct progress *progress, pid_t root);

/* Takes the line away. progress may be NULL. */
void progress_end(struct progress *progress);

/* The line, cut off at size - 1 bytes: "sockfix: 2:05  1 connection  812 calls  stalled 11.5 s". */
void progress_text(char *text, size_t size, uint64_t ns, const struct tail_sums *sums);

/* When the next look is due, ns: now; since when; what all looks took of a processor. */
uint64_t progress_next(uint64_t now, uint64_t began, uint64_t cost);

#endif
