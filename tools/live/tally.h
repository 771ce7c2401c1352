/* What the library in a running process has counted for `sockfix metrics`: of this process alone,
 * not of what it is forked from. */
#ifndef SOCKFIX_LIVE_TALLY_H
#define SOCKFIX_LIVE_TALLY_H

#include "tools/live/inside.h"

/* An arm of a rule with a holdout, towards peers of one kind. */
struct tally_arm {
	char rule[CONTROL_RULE]; /* harmless (harmless.h); "": of all that found no room */
	bool bare;
	uint8_t peer; /* enum control_peer */
	uint64_t connections;
	uint64_t ns;	/* of its turns */
	double squares; /* of their seconds, added up */
	uint64_t bucket[CONTROL_BUCKETS + 1];
};

struct tally {
	bool known;	  /* false: it is of a release that counts none of this */
	uint64_t sockets; /* of TCP, that were ever looked after */
	uint64_t held, late, late_ns, refused;
	struct tally_arm arm[CONTROL_ARMS];
	size_t arms;
};

/* inside: taken just before, and known. 0, or -errno. */
int tally_take(
	pid_t pid, const struct library *library, const struct inside *inside, struct tally *tally);

#endif
