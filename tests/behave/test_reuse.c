/* Descriptor numbers that are used again while others write on them, and sockets that are connected
 * a second time: nobody crashes, and no socket has what was meant for another one. */
#include "tests/helper/answers.h"

static const struct answers rows[] = {
	ANSWERS("a number is closed and opened again under three writers", "reuse", "storm"),
	ANSWERS("refused, then a port that is left alone", "reuse", "refused-left-alone"),
	ANSWERS("refused, then a port that is left alone, with TCP_NODELAY", "reuse",
		"refused-left-alone-own"),
	ANSWERS("taken apart by AF_UNSPEC, then a port that is left alone", "reuse",
		"unconnected-left-alone"),
	ANSWERS("a stream, AF_UNSPEC, then a port that is left alone", "reuse",
		"streamed-left-alone"),
	ANSWERS("streams end, and a new socket has their number", "reuse", "streams-end"),
	ANSWERS("a copy of a stream ends, and a new socket has its number", "reuse", "copy-ends"),
	ANSWERS("a stream ends unseen, and a new socket has its number", "reuse",
		"replaced-unseen"),
	ANSWERS("a connection comes by syscall(SYS_recvmsg) to the number of another", "reuse",
		"connection-arrives"),
	ANSWERS("fclose of a stream in memory leaves errno alone", "hostile", "close-memory"),
	/* With the tick that users have: children come while the thread comes and goes. */
	ANSWERS("two threads fork at once while a third writes", "children", "forks-at-once",
		.rules = "1:+t@role=any@:coalesce=2+=1"),
};

int main(void)
{
	return answers_main("reuse", rows, sizeof(rows) / sizeof(*rows));
}
