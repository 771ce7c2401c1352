/* After a kill: what the peer must have, what must be gone, and what a recording still tells.
 * Answers are NULL where all is well, else what is not, the caller's to free. */
#ifndef RANDOM_KILL_AFTER_H
#define RANDOM_KILL_AFTER_H

#include <sys/types.h>
#include <time.h>

#include "kills.h"

char *kill_judge(struct kills *kills, const struct killed_page *page);
/* Processes, and files made since then with the number of one in their name. */
char *kill_leftover(const struct killed_page *page, pid_t program, const struct timespec *began);

/* ---- recorded ---- */

char *kill_folder_new(void);
void kill_folder_free(char *folder);
/* The program, below `sockfix record`. */
void kill_record(struct launch *launch, const char *folder, const char *seed);
/* Kills it and its child, and not who records; that is `recorder`. */
void kill_recorded(const struct killed_page *page, pid_t recorder);
char *kill_report(const char *folder);

#endif
