/* The run's directory: whether it may be used, and what is opened in it. Must not keep a
 * descriptor. */
#include "shim/record/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "shim/base/kernel.h"
#include "shim/trace_format.h"

const char *trace_directory;

void trace_directory_use(const char *where)
{
	trace_directory = where;
}

static bool is_open_to_guests(const struct kernel_stat *status)
{
	return status->st_uid == 0 && (status->st_mode & 07777) == TRACE_GUESTS;
}

/* Ours alone; or root's, who lets others make files of their own there: what one made nobody but
 * root can take away, for the directory is sticky. */
static bool may_be_used(const struct kernel_stat *status)
{
	return is_open_to_guests(status) ||
	       (!(status->st_mode & 022) && status->st_uid == (uid_t)kernel_call(SYS_geteuid));
}

/* A descriptor of the directory, if it may be used; the caller closes it. */
static long directory_open(void)
{
	int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	long fd = kernel_call(SYS_openat, AT_FDCWD, trace_directory, flags);
	struct kernel_stat status;

	if (fd < 0)
		return fd;
	if (kernel_call(SYS_fstat, fd, &status) == 0 && may_be_used(&status))
		return fd;
	kernel_call(SYS_close, fd);
	return -EPERM;
}

long trace_directory_file(const char *name, int flags)
{
	long place = directory_open(), fd;

	if (place < 0)
		return place;
	/* what another user laid there, a FIFO or a file with a lease, keeps nobody waiting */
	fd = kernel_call(SYS_openat, place, name,
		flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	kernel_call(SYS_close, place);
	return fd;
}

bool trace_directory_rename(const char *from, const char *to)
{
	long place = directory_open(), error = -1;

	if (place < 0)
		return false;
	error = kernel_call(SYS_renameat2, place, from, place, to, RENAME_NOREPLACE);
	kernel_call(SYS_close, place);
	return error == 0;
}

void trace_directory_remove(const char *name)
{
	long place = directory_open();

	if (place < 0)
		return;
	kernel_call(SYS_unlinkat, place, name, 0);
	kernel_call(SYS_close, place);
}

bool trace_directory_limits(uint64_t size)
{
	struct kernel_limit limit;

	return kernel_call(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, &limit) == 0 &&
	       limit.rlim_cur >= size;
}
