/* Running a victim: its marks are read as they come, it is told to go on, its end is recorded. */
#ifndef TEST_RUN_H
#define TEST_RUN_H

#include <sys/types.h>

#include "launch.h"

struct run;

struct run *run_start(const struct launch *launch);
pid_t run_pid(const struct run *run);

/* The next line on the victim's stdout, without its end; NULL at the end of it. Valid until the
 * next call. A victim that says nothing until the deadline is killed and the test fails. */
const char *run_mark(struct run *run);

/* A byte on the victim's stdin. */
void run_go(struct run *run);

/* Waits until the victim's main thread sleeps in a system call. */
void run_wait_asleep(struct run *run);

/* Bytes that the kernel holds unsent in the victim's descriptor `fd`: SIOCOUTQNSD, tcp(7). 0 where
 * the victim has closed it or is gone. */
int run_unsent(struct run *run, int fd);

struct outcome {
	int status; /* as waitpid(2) gives it */
	char *out;  /* all marks, without the notes */
	char *notes;
	char *err; /* stderr */
};

/* Waits for the end and frees the run. */
void run_finish(struct run *run, struct outcome *outcome);
void outcome_free(struct outcome *outcome);

/* All of it at once, for victims that need no hand holding. */
void run_whole(const struct launch *launch, struct outcome *outcome);

/* Fails the test, with the first line that differs, unless status, marks and stderr are the same.
 */
void assert_same_outcome(const char *what, const struct outcome *bare, const struct outcome *with);

#endif
