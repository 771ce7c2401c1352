/* After a held write, the same socket is reached by every other door: all comes in order. */
#include "tests/helper/scenario.h"

#define ALL "held,ab\n"

static struct scenario scenarios[] = {
	STORY("writev with an empty part", "mixed", "writev", ALL, HOLDS),
	STORY("pwritev2 at -1", "mixed", "pwritev2", ALL, HOLDS),
	STORY("send with MSG_NOSIGNAL", "mixed", "send", ALL, HOLDS),
	STORY("sendto without an address", "mixed", "sendto", ALL, HOLDS),
	STORY("sendmsg", "mixed", "sendmsg", ALL, HOLDS),
	STORY("sendmmsg of two messages", "mixed", "sendmmsg", ALL, HOLDS),
	STORY("sendfile", "mixed", "sendfile", ALL, HOLDS),
	STORY("sendfile at the end of its file, then computing", "mixed", "sendfile-at-end", ALL,
		HOLDS),
	STORY("splice from a pipe", "mixed", "splice", ALL, HOLDS),
	STORY("dprintf", "mixed", "dprintf", ALL, HOLDS),
	STORY("stdio over the descriptor", "mixed", "stdio", ALL, HOLDS),
	STORY("a write that no library sees", "mixed", "raw-write", ALL, HOLDS | UNBUFFERED),
	STORY("a write by syscall()", "mixed", "syscall-write", ALL, HOLDS),
	STORY("MSG_MORE of the program's own", "mixed", "own-more", "own more\n", 0),
	STORY("TCP_CORK of the program's own", "mixed", "own-cork", "own cork\n", 0),
	STORY("TCP_CORK set after a held write", "mixed", "cork-after", ALL, HOLDS | SLEEPS),
	STORY("TCP_NODELAY set after a held write, then computing", "mixed", "nodelay-after", ALL,
		HOLDS),
	STORY("TCP_NODELAY set to 0, which states the default: the flow stays ours", "mixed",
		"delay", ALL, HOLDS),
	STORY("TCP_NODELAY on, off and on: the program pushes by it", "mixed", "nodelay-push", ALL,
		UNHELD),
	/* The urgent byte is not part of the peer's stream. */
	STORY("an urgent byte", "mixed", "oob", ALL, HOLDS),
	STORY("SIOCOUTQ is asked until it says 0", "mixed", "outq", "held,", HOLDS),
	STORY("a second thread writes on", "mixed", "thread", ALL, HOLDS),
};

int main(void)
{
	return scenarios_main("mixed", scenarios, sizeof(scenarios) / sizeof(*scenarios));
}
