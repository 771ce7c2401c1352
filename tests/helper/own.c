/* Namespaces of this process; they end with the last process in them. */
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "must.h"

void own_network(void)
{
	MUST(unshare(CLONE_NEWNET) == 0 && system("ip link set lo up") == 0);
}

static bool make_private(void)
{
	return mount(NULL, ".", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static bool is_top(void)
{
	struct stat here, above;

	return stat(".", &here) == 0 && stat("..", &above) == 0 && here.st_dev == above.st_dev &&
	       here.st_ino == above.st_ino;
}

/* The root of a chroot may be a plain folder, and then no path names the mount that it is in. Who
 * stands outside of his root can walk up to that (chroot(2)). */
static bool make_private_above(void)
{
	const int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool done = root >= 0 && chroot("proc") == 0;

	while (done && !is_top())
		done = chdir("..") == 0;
	done = done && make_private();
	return root >= 0 && fchdir(root) == 0 && chroot(".") == 0 && done;
}

bool own_mounts_try(void)
{
	const bool apart = unshare(CLONE_NEWNS) == 0;
	const int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC); /* of that namespace */
	const bool done = apart && chdir("/") == 0 &&
			  (make_private() || (errno == EINVAL && make_private_above()));

	return here >= 0 && fchdir(here) == 0 && close(here) == 0 && done;
}

void own_mounts(void)
{
	MUST(own_mounts_try());
}
