/* Take, call, close. The only caller of pidfd_getfd(2). */
#include "tools/live/take.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

int take_socket(int process, int fd, int (*what)(int fd, void *context), void *context)
{
	sigset_t all, before;
	int taken, result;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	taken = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
	result = taken < 0 ? -errno : what(taken, context);
	if (taken >= 0)
		close(taken);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}
