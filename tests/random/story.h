/* A program that is no random one, played bare or with a library, with a peer that answers: what it
 * said, how it ended and which bytes came, as one text that can be compared. */
#ifndef RANDOM_STORY_H
#define RANDOM_STORY_H

#include "tests/helper/launch.h"

struct story {
	const char *program, *argument[4]; /* a word PLUGIN:name is that plugin's path */
	enum mode mode;
	const char *rules; /* instead of the mode's; "@": those of the mode, in a file */
	bool records;
	const char *variable;
	int connections; /* that it makes to the peer */
	size_t answer;	 /* for each so many bytes, not for each line; 0: each line */
};

/* bare: without any library. more: a variable; NULL: none. The answer is the caller's to free. */
char *story_play(const struct story *story, bool bare, const char *library, const char *more);

#endif
