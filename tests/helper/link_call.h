/* A connection over a link of its own, both its ends in the test's own hands: for tests of the link
 * itself, where no victim and no library is needed. */
#ifndef TEST_LINK_CALL_H
#define TEST_LINK_CALL_H

#include <linux/tcp.h>

#include "link.h"

struct call {
	struct link *link;
	int client, server;
};

/* The client's end sends at once: it has TCP_NODELAY. */
void call_begin(struct call *call, const struct link_plan *plan);
/* Closes both ends, unless they are -1, and the link. */
void call_end(const struct call *call);

struct tcp_info info_of(int fd);

#endif
