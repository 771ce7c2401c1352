/* Kills a program in the middle of its writing, and says what its peer then lacks. */
#ifndef RANDOM_KILLS_H
#define RANDOM_KILLS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/helper/killed.h"
#include "tests/helper/launch.h"

struct kills {
	enum mode mode;
	bool records; /* by `sockfix record`, and `sockfix report` reads what there is */
	uint64_t seed;
	unsigned count;

	/* The answer. */
	unsigned failed;
	uint64_t writes;      /* that had returned, in all */
	unsigned resets;      /* connections that ended so, as they had input that nobody read */
	uint64_t bytes_short; /* on these alone, and where bytes are collected in user space */
};

/* Prints each that failed, with its seed. */
void kills_play(struct kills *kills);

/* The peer, in a process of its own; it ends when `end` does and all connections have ended. */
_Noreturn void kill_peer_serve(int listener, int end, struct killed_page *page);

#endif
