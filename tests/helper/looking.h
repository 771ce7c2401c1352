/* Tests of `sockfix look`: running it, what its JSON says, and programs that stall. */
#ifndef TEST_LOOKING_H
#define TEST_LOOKING_H

#include <sys/types.h>

#include "capture.h"
#include "peer.h"
#include "run.h"

#define LOOKING_SOMEBODY 12345 /* a user that no passwd has */

extern struct capture looking; /* what was printed last */
extern char *looking_folder;   /* where it runs */
extern char *looking_schema;   /* path of look.schema.json */

/* For cmocka: of the group, and of each test. */
int looking_begin(void **state);
int looking_end(void **state);
int looking_set_up(void **state);
int looking_tear_down(void **state);

/* Runs a line of sh; $LOOK is `sockfix look`, $CHECK checks the JSON on stdin and prints of each
 * process how it was looked at, whether it has ended, its counts, its verdict, its findings; with a
 * PID behind it, of that one alone, and `-` stands for those without a name. */
__attribute__((format(printf, 1, 2))) void looking_shell(const char *format, ...);

/* Fails the test unless this was printed, to stdout (0) or stderr, and nothing else. */
__attribute__((format(printf, 2, 3))) void looking_expect(int status, const char *format, ...);

/* A program that stalls, and its peer. */
struct stalled {
	struct peer *peer;
	struct run *run;
	pid_t pid;
};

/* netns: the peer's, a descriptor, or 0. */
void stalled_start(struct stalled *stalled, struct launch *launch, int netns);
void stalled_end(struct stalled *stalled);

#endif
