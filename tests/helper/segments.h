/* How many segments with data reach the peer of a victim; compared with the bare victim. */
#ifndef TEST_SEGMENTS_H
#define TEST_SEGMENTS_H

#include "netns.h"
#include "peer.h"
#include "run.h"

struct work {
	const char *program;
	const char *argument[LAUNCH_ARGUMENTS];
	size_t bytes;	     /* that the peer must get, on each connection */
	int connections;     /* 0: one */
	const char *at, *to; /* where the peer listens, and what the victim dials; NULL: loopback */
	size_t answer;	     /* an answer for each so many bytes; 0: for each line */
	bool one_way;
	bool resets; /* the connection ends by a reset */
};

/* Runs the victim on loopback, or over `wire`, and returns the segments that the peer counted. All
 * bytes were checked; what the victim marked is put into *marks, unless NULL: the caller frees it.
 */
uint32_t segments_of(
	const struct work *work, enum mode mode, const struct netns *wire, char **marks);

/* Bare and with the library in turns: the same marks, and in the median at most `percent` of bare's
 * segments. */
void assert_segments_as_bare(
	const struct work *work, enum mode mode, const struct netns *wire, unsigned percent);

#endif
