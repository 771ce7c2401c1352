/* Reading a small file below libc: no hook of ours, no lock and no memory of the program's is
 * touched, so that it may be done at any call. Must not leave a descriptor open. */
#include "shim/base/proc.h"

#include <fcntl.h>

#include "shim/base/kernel.h"

size_t proc_read(const char *path, char *to, size_t size)
{
	long fd = kernel_call(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC), got, have = 0;

	if (fd < 0)
		return 0;
	while ((got = kernel_call(SYS_read, fd, to + have, size - (size_t)have)) > 0)
		have += got;
	kernel_call(SYS_close, fd);
	return (size_t)have;
}
