/* A blocking read lets go of what another thread holds on that connection: it may have ended, or
 * never wait. The peer answers only when it has the bytes. */
#include "tests/helper/scenario.h"

static struct scenario scenarios[] = {
	STORY("the thread that holds ends, another reads", "threads", "ends", "half a turn\n",
		HOLDS | SLEEPS),
	STORY("the thread that holds computes, another reads", "threads", "computes",
		"half a turn\n", HOLDS | SLEEPS),
};

int main(void)
{
	return scenarios_main("threads", scenarios, sizeof(scenarios) / sizeof(*scenarios));
}
