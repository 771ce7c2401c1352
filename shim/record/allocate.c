/* The room that is left for a trace: in the budget, on the disk, by the limits of this process.
 *
 * What is mapped is always allocated first: a write to a hole of a full disk would be a SIGBUS.
 * Must not open anything. */
#include <errno.h>
#include <stddef.h>
#include <sys/statfs.h>

#include "shim/base/kernel.h"
#include "shim/record/directory.h"
#include "shim/record/room.h"

#define FREE_SHARE 10u /* per cent of the disk that stay free */
#define PATIENCE   100 /* times that a signal may interrupt fallocate(2) */

static bool disk_allows(long fd, uint64_t more)
{
	struct kernel_disk disk;
	uint64_t rest;

	if (KERNEL_DISK(fd, &disk) != 0 || disk.f_bsize <= 0)
		return false;
	rest = disk.f_blocks / 100 * FREE_SHARE + more / (uint64_t)disk.f_bsize;
	return disk.f_bavail > rest;
}

static bool budget_allows(uint64_t more)
{
	if (atomic_fetch_sub(&trace_budget->left, (int64_t)more) >= (int64_t)more)
		return true;
	atomic_fetch_add(&trace_budget->left, (int64_t)more);
	return false;
}

/* Where a file system cannot allocate ahead, zeros do it. */
static bool write_zeros(long fd, uint64_t from, uint64_t to)
{
	static const char zeros[TRACE_BLOCK];

	for (; from < to; from += sizeof(zeros))
		if (kernel_call(SYS_pwrite64, fd, zeros, sizeof(zeros), KERNEL_WIDE(from)) !=
			sizeof(zeros))
			return false;
	return true;
}

bool trace_room_allocate(long fd, uint64_t from, uint64_t to)
{
	int tries = 0;
	long result;

	if (!trace_directory_limits(to) || !disk_allows(fd, to - from) || !budget_allows(to - from))
		return false;
	do
		result = kernel_call(
			SYS_fallocate, fd, 0, KERNEL_WIDE(from), KERNEL_WIDE(to - from));
	while (result == -EINTR && tries++ < PATIENCE);
	if (result == 0 || (result == -EOPNOTSUPP && write_zeros(fd, from, to)))
		return true;
	atomic_fetch_add(&trace_budget->left, (int64_t)(to - from));
	return false;
}
