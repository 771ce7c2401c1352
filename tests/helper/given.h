/* Programs that are given other rules while they run. All but given_child() and given_round() fail
 * the test where it is not as said. */
#ifndef TEST_GIVEN_H
#define TEST_GIVEN_H

#include "capture.h"
#include "peer.h"
#include "run.h"

enum {
	GIVEN_TURNS = 80, /* of each connection in a round of the victim `given` */
	GIVEN_FEW = 2,	  /* of them: a machine that stops lets go */
	GIVEN_MOST = 40,  /* what auto holds of them at least, for it learns first */
};

#define GIVEN_OFF    "1:+begin@role=any@:coalesce=0+=1"
#define GIVEN_ALWAYS "-s coalesce=always -s coalesce_delay=100ms"

extern struct capture given_capture;

/* `sockfix mend -p PID RULES` ends so and says that: on stdout, or with a status on stderr. */
void given_mend(pid_t pid, const char *rules, int status, const char *says);

/* `sockfix status PID` says that. */
void given_status(pid_t pid, const char *part);

/* rules: instead of the mode's, NULL: those. peer: may be NULL. */
struct run *given_start(const char *verb, const char *argument, struct peer *peer, enum mode mode,
	const char *rules);
void given_finish(struct run *run, struct outcome *outcome);
void given_end(struct run *run);

/* The process that says so next: "child PID". */
pid_t given_child(struct run *run);

/* What a round has brought: turns in which a write was held, on a connection that takes the news,
 * on another one, and on a new one; SO_KEEPALIVE of the first, as the kernel and as the program has
 * it. */
struct given_round {
	int number, kept, second, fresh, alive, tells;
};
struct given_round given_round(struct run *run);

/* All three are so many. */
void given_held(const struct given_round *round, int least, int most);

#endif
