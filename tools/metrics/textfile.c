/* Writes beside the file and renames: who reads it finds the old one or the new one. The name of
 * what is written beside it has the process's number, so that two who write the same file do not
 * take each other's away, and does not end in .prom, which node_exporter would read. */
#include "tools/metrics/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/base/whole.h"

/* On disk before it is renamed: a machine that fails has the old one or the new one, too. */
static int make(const char *path, const char *text, size_t length)
{
	int fd, error;

	if (unlink(path) != 0 && errno != ENOENT) /* of one that was killed */
		return -errno;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	error = whole_write(fd, text, length);
	if (!error && (fchmod(fd, 0644) != 0 || fsync(fd) != 0))
		error = -errno;
	if (close(fd) != 0 && !error)
		error = -errno;
	return error;
}

int textfile_write(const char *path, const char *text, size_t length)
{
	char *beside = memory_print("%s.%d.new", path, (int)getpid());
	struct stat status;
	int error;

	if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
		free(beside);
		return -EMEDIUMTYPE;
	}
	error = make(beside, text, length);
	if (!error && rename(beside, path) != 0)
		error = -errno;
	if (error)
		unlink(beside);
	free(beside);
	return error;
}
