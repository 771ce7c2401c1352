/* Namespaces of this process; they end with the last process in them. */
#include "own.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>

#include "must.h"

void own_network(void)
{
	MUST(unshare(CLONE_NEWNET) == 0 && system("ip link set lo up") == 0);
}

void own_mounts(void)
{
	MUST(unshare(CLONE_NEWNS) == 0);
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
}
