/* For victims that send small messages at full speed, one a round of an event loop. */
#ifndef VICTIM_MESSAGES_H
#define VICTIM_MESSAGES_H

#include "tests/helper/peer.h"
#include "tests/victims/victim.h"

static int fd;
static uint64_t sent;

static inline void put(void)
{
	char text[50];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)pattern_byte(sent + i);
	sent += sizeof(text);
	NEED(write(fd, text, sizeof(text)) == sizeof(text));
}

/* Something is always ready: a round of an event loop that has more to do. */
static inline void rounds(int ready, int times)
{
	struct pollfd entry = {.fd = ready, .events = POLLIN};

	for (int i = 0; i < times; i++) {
		NEED(poll(&entry, 1, -1) == 1);
		put();
	}
}

#endif
