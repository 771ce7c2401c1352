/* By the kernel's clock of the process. */
#include "tools/live/cost.h"

#include <time.h>

uint64_t cost_so_far(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}
