/* clone(2) without a signal. */
#include "tools/base/child.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t child_fork(void)
{
	return (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
}

int child_reap(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, __WALL) < 0 && errno == EINTR)
		;
	return status;
}

void child_is(const char *name, char *const command[])
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
	for (; *command; command++)
		memset(*command, 0, strlen(*command));
}
