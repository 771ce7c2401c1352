/* One loop around write(2). Must not open, name or sync a file: that is who calls it. */
#include "tools/base/whole.h"

#include <errno.h>
#include <unistd.h>

int whole_write(int fd, const char *text, size_t length)
{
	while (length) {
		const ssize_t wrote = write(fd, text, length);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return wrote < 0 ? -errno : -EIO;
		text += wrote;
		length -= (size_t)wrote;
	}
	return 0;
}
