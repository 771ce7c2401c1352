/* A netlink socket belongs to the namespace that it was made in: it is made there, and we are back
 * before anything else happens. For a command of one thread. */
#include "tools/live/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/live/sockets.h"

static int open_namespace(const char *who)
{
	char path[64];
	const int size = snprintf(path, sizeof(path), "/proc/%s/ns/net", who);
	const int fd = size < (int)sizeof(path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	return fd < 0 ? -errno : fd;
}

static bool are_one(int ours, int theirs)
{
	struct stat a, b;

	return fstat(ours, &a) == 0 && fstat(theirs, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static int open_between(int ours, int theirs)
{
	int kernel;

	if (are_one(ours, theirs))
		return sockets_open();
	if (setns(theirs, CLONE_NEWNET) != 0)
		return -errno;
	kernel = sockets_open();
	if (setns(ours, CLONE_NEWNET) == 0)
		return kernel;
	close(kernel);
	return -EPERM;
}

int namespace_open(pid_t pid)
{
	char number[16];
	int ours, theirs, kernel;

	snprintf(number, sizeof(number), "%d", (int)pid);
	ours = open_namespace("self");
	theirs = open_namespace(number);
	kernel = ours < 0 ? ours : theirs < 0 ? theirs : open_between(ours, theirs);
	if (ours >= 0)
		close(ours);
	if (theirs >= 0)
		close(theirs);
	return kernel;
}
