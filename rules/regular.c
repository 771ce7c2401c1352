/* Opening a regular file, and nothing but one. A FIFO would wait for its writer, a device may do
 * anything when it is opened; so one is looked at before it is opened, and looked at again behind
 * the descriptor, which nobody can exchange any more. Knows nothing of what files hold. */
#include "rules/regular.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int check(int failed, const struct stat *status)
{
	if (failed)
		return -errno;
	return S_ISREG(status->st_mode) ? 0 : NOT_REGULAR;
}

int regular_open(int directory, const char *path, int flags, struct stat *status)
{
	const int follow = flags & O_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
	int error = check(fstatat(directory, path, status, follow), status), fd;

	if (error)
		return error;
	fd = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags);
	if (fd < 0)
		return -errno;
	error = check(fstat(fd, status), status);
	if (!error)
		return fd;
	close(fd);
	return error;
}

const char *regular_kind(const struct stat *status)
{
	switch (status->st_mode & S_IFMT) {
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFDIR:
		return "a directory";
	case S_IFLNK:
		return "a symbolic link";
	default:
		return "a device";
	}
}
