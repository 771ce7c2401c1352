/* The budget of guests. Must not believe a file that is not this user's. */
#include "shim/record/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "shim/base/kernel.h"
#include "shim/record/directory.h"
#include "shim/trace_format.h"

static bool is_guest;

static unsigned own_uid(void)
{
	return (unsigned)kernel_call(SYS_geteuid);
}

static long open_own(const char *name)
{
	const long fd = trace_directory_file(name, O_RDWR);
	struct kernel_stat status;

	if (fd < 0)
		return fd;
	if (kernel_call(SYS_fstat, fd, &status) == 0 && status.st_uid == own_uid())
		return fd;
	kernel_call(SYS_close, fd);
	return -EPERM;
}

/* As record makes one, with what the run's may still take. */
static bool fill(long fd, long whole)
{
	union {
		struct trace_budget budget;
		char block[TRACE_BLOCK];
	} from, to;

	if (!trace_directory_limits(sizeof(to)) ||
		kernel_call(SYS_pread64, whole, &from, sizeof(from), KERNEL_WIDE(0)) <
			(long)sizeof(from.budget))
		return false;
	memset(&to, 0, sizeof(to));
	memcpy(to.budget.magic, from.budget.magic, sizeof(to.budget.magic));
	to.budget.left = from.budget.left;
	to.budget.ticks = from.budget.ticks;
	return kernel_call(SYS_pwrite64, fd, &to, sizeof(to), KERNEL_WIDE(0)) == sizeof(to);
}

/* Another process may be about it, too: the first that is done wins. */
static void make(const char *name, long whole)
{
	char made[48];
	bool filled;
	long fd;

	snprintf(made, sizeof(made), "%s.%d", name, (int)kernel_call(SYS_getpid));
	fd = trace_directory_file(made, O_WRONLY | O_CREAT | O_EXCL);
	if (fd < 0)
		return;
	filled = fill(fd, whole);
	kernel_call(SYS_close, fd);
	if (!filled || !trace_directory_rename(made, name))
		trace_directory_remove(made);
}

long trace_guest_budget(long whole)
{
	char name[32];
	long fd;

	is_guest = true;
	snprintf(name, sizeof(name), TRACE_BUDGET "-%u", own_uid());
	fd = open_own(name);
	if (fd != -ENOENT)
		return fd;
	make(name, whole);
	return open_own(name);
}

bool trace_guest_is(void)
{
	return is_guest;
}
