/* One run, recorded and traced by strace at once: two reports that must agree. */
#ifndef TEST_IMPORTED_H
#define TEST_IMPORTED_H

#include "recording.h"

struct imported {
	struct recording recording; /* its folder keeps the log, too */
	char *log;
	json_t *report; /* of the log */
	char *screen;
};

/* Whether the library can be preloaded, and strace works here; else says why not. */
bool imported_can(void);

/* argv behind both, for what starts programs; valid until the next call. */
const char *const *imported_command(struct imported *imported, const char *const *argv);
/* Runs it to its end, which must be a good one. All is 0 before, but for recording.netns. */
void imported_make(struct imported *imported, const char *const *argv);
/* Reads the report of a log that is there: imported->log. */
void imported_read(struct imported *imported);
void imported_free(struct imported *imported);

/* Whether both say the same: verdict, codes that are no minor ones, and their seconds to a tenth,
 * or to 20 ms; nothing is proven by the log. Else says what is not. */
bool imported_agrees(const struct imported *imported);
/* The same, but for these codes, "S01 C02", which the kernel alone tells; and the verdict where
 * they make it. */
bool imported_agrees_but(const struct imported *imported, const char *codes);

#endif
