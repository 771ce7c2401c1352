/* Stand-ins for names that this libc lacks. They are called with whatever arguments the name takes:
 * the calling conventions of x86-64, i386 and aarch64 leave those to the caller. */
#include "shim/base/missing.h"

#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>
#include <threads.h>

#include "shim/base/kernel.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#define CLOSED_ONE_BY_ONE 65536u /* where the kernel has no close_range (before 5.9) */

long missing_failed(void)
{
	errno = ENOSYS;
	return -1;
}

int missing_number(void)
{
	return ENOSYS;
}

int missing_thread(void)
{
	return thrd_error;
}

void *missing_none(void)
{
	return NULL;
}

void missing_nothing(void)
{
}

void missing_closefrom(int first)
{
	const unsigned from = first > 0 ? (unsigned)first : 0;
	struct kernel_limit limit = {CLOSED_ONE_BY_ONE, CLOSED_ONE_BY_ONE};

	if (kernel_call(SYS_close_range, from, ~0u, 0) == 0)
		return;
	kernel_call(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
	if (limit.rlim_cur > CLOSED_ONE_BY_ONE)
		limit.rlim_cur = CLOSED_ONE_BY_ONE;
	for (unsigned fd = from; fd < limit.rlim_cur; fd++)
		kernel_call(SYS_close, fd);
}
