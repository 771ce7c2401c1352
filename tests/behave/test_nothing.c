/* Writes of nothing, beside bytes that are held and after shutdown: they answer what they do
 * without the library, and raise SIGPIPE only where they did. */
#include "tests/helper/scenario.h"

static struct scenario scenarios[] = {
	STORY("writes of nothing after shutdown", "nothing", "shut", "last line\n", 0),
	STORY("writes of nothing beside held bytes", "nothing", "held", "last line\n", HOLDS),
};

int main(void)
{
	return scenarios_main("nothing", scenarios, sizeof(scenarios) / sizeof(*scenarios));
}
