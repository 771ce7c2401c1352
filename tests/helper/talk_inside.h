/* What talk.c offers to the protocols of talk_protocol.c, and to nobody else. */
#ifndef TEST_TALK_INSIDE_H
#define TEST_TALK_INSIDE_H

#include "talk.h"

struct talk_side {
	char *bytes; /* all that came */
	size_t length, room;
	uint32_t segments, acks;
};

struct talk_connection {
	struct talk *talk;
	int fd;
	struct talk_side in, back;
	size_t used; /* of in.bytes: what the protocol has looked at */
	unsigned turns;
	bool ended;
};

/* Appends what one read brings; false at the end of the connection. */
bool talk_read(int fd, struct talk_side *side);
bool talk_write(int fd, const char *bytes, size_t length);

/* Notes what the kernel counted on fd. */
void talk_count(int fd, struct talk_side *side);

/* One protocol: runs until the client has gone. */
typedef void talk_protocol(struct talk_connection *c);
extern talk_protocol *const talk_protocol_table[];

/* The port that a relay passes its connections on to. */
int talk_relay_port(const struct talk *talk);

#endif
