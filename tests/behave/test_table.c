/* Descriptors are not connections: duplicated, inherited, passed on, closed unseen and used again.
 */
#include "tests/helper/scenario.h"

#define TURN "ab\n"

static struct scenario scenarios[] = {
	STORY("closed unseen, the number is a file then", "table", "reuse-file", "gane",
		UNBUFFERED),
	STORY("closed unseen, the number is a pipe then", "table", "reuse-pipe", "gane", 0),
	STORY("closed unseen, the number is a UDP socket then", "table", "reuse-udp", "gane", 0),
	STORY("closed unseen, the number is a UDP socket made unseen", "table", "reuse-udp-unseen",
		"gane", UNBUFFERED),
	STORY("closed unseen, the number is a UDP socket of IPv6 made unseen", "table",
		"reuse-udp6-unseen", "gane", UNBUFFERED),
	STORY("closed unseen, the number is a UNIX stream made unseen", "table",
		"reuse-unix-unseen", "gane", UNBUFFERED),
	STORY("closed unseen, the number is a UNIX datagram socket made unseen", "table",
		"reuse-unix-datagrams-unseen", "gane", UNBUFFERED),
	STORY("closed unseen, the number is another connection made unseen", "table",
		"reuse-tcp-unseen", "gane", UNBUFFERED),
	STORY("datagrams are never joined", "table", "udp", "gane", UNTRAINED),
	STORY("a UNIX stream is left alone", "table", "unix-stream", "gane", UNTRAINED),
	STORY("UNIX packets are never joined", "table", "unix-packets", "gane", UNTRAINED),
	STORY("dup2 to a new number, the old one closed", "table", "dup2", TURN, HOLDS),
	STORY("dup3, write on one and read on the other", "table", "dup3", TURN, HOLDS),
	STORY("fcntl F_DUPFD and F_DUPFD_CLOEXEC", "table", "dupfd", TURN, HOLDS),
	STORY("a file and a socket change numbers by dup2", "table", "dup-exchange", TURN, HOLDS),
	STORY("descriptors 3,000 and 99,999", "table", "high", TURN, HOLDS),
	STORY("a socket inherited through exec", "table", "inherited", TURN, HOLDS),
	STORY("a socket passed to another process while a write is held", "table", "passed",
		"held,ab\nparent\n", HOLDS),
	STORY("a plain connection", "connects", "plain", TURN, HOLDS),
	STORY("SOCK_CLOEXEC", "connects", "cloexec", TURN, HOLDS),
	STORY("SOCK_NONBLOCK and a connect in progress", "connects", "in-progress", TURN, HOLDS),
	STORY("a connect with a time limit, blocking afterwards", "connects", "timed", TURN, HOLDS),
	STORY("IPv6", "connects", "plain", TURN, HOLDS, .address = "::1"),
	STORY("IPv6 without blocking", "connects", "in-progress", TURN, HOLDS, .address = "::1"),
	STORY("IPv4 by an IPv6 socket", "connects", "mapped", TURN, HOLDS),
	STORY("a socket disconnected and connected again", "connects", "reconnected", TURN,
		HOLDS | RESETS | UNBUFFERED),
	STORY("what one connection has taught serves the next", "connects", "learnt-before",
		TURN "taught by the other", HOLDS),
	STORY("data in the SYN by sendto", "connects", "fast-open", "ab\n", UNTRAINED),
	STORY("data in the SYN by sendmsg", "connects", "fast-open-message", "ab\n", UNTRAINED),
	STORY("an accepted connection", "connects", "accepted", "served\n", HOLDS | SLEEPS),
	STORY("accept4 with the peer's address", "connects", "accepted4", TURN, HOLDS),
	STORY("a connection accepted unseen", "connects", "accepted-unseen", TURN, HOLDS),
	STORY("a refused connection before the good one", "connects", "refused-first", TURN, HOLDS),
	STORY("the same socket tried again after a refusal", "connects", "refused-again", TURN,
		HOLDS),
};

int main(void)
{
	return scenarios_main("table", scenarios, sizeof(scenarios) / sizeof(*scenarios));
}
