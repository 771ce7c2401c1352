/* Reading a file that may be anything, below libc and without ever waiting: before main() nobody
 * would know what the program waits for. It is looked at before it is opened, for a device may do
 * anything then, and behind the descriptor again. Must not leave a descriptor open. */
#include "shim/base/regular.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "shim/base/kernel.h"

static long check(long failed, const struct kernel_stat *status)
{
	if (failed)
		return failed;
	return S_ISREG(status->st_mode) ? 0 : -EMEDIUMTYPE;
}

/* As long as it says it is: files of the kernel's own, which may wait, say 0. */
static long read_all(long fd, const struct kernel_stat *status, char *to, size_t size)
{
	long got = 1, have = 0;

	if (status->st_size > (off_t)size)
		return -EFBIG;
	while (got > 0 && have < status->st_size) {
		got = kernel_call(SYS_read, fd, to + have, status->st_size - have);
		have += got > 0 ? got : 0;
	}
	return got < 0 ? got : have;
}

long regular_read(const char *path, char *to, size_t size)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
	struct kernel_stat status;
	long fd, result = check(
			 kernel_call(SYS_newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW),
			 &status);

	if (result)
		return result;
	fd = kernel_call(SYS_openat, AT_FDCWD, path, flags);
	if (fd < 0)
		return fd;
	result = check(kernel_call(SYS_fstat, fd, &status), &status);
	if (!result)
		result = read_all(fd, &status, to, size);
	kernel_call(SYS_close, fd);
	return result;
}
