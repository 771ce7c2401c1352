/* The run's directory, and the room that is left in it: in the budget, on the disk, by the limits
 * of this process.
 *
 * What is mapped is always allocated first: a write to a hole of a full disk would be a SIGBUS.
 * Must not keep a descriptor. */
#include "trace_room.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "kernel.h"
#include "valgrind.h"

#define FREE_SHARE 10u /* per cent of the disk that stay free */
#define PATIENCE   100 /* times that a signal may interrupt fallocate(2) */

struct trace_budget *trace_budget;
static const char *directory;
static uint64_t key;

static bool failed(long result)
{
	return result < 0 && result > -4096;
}

/* A descriptor of the directory, if it is ours alone; the caller closes it. */
static long directory_open(void)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	long fd = kernel_call(SYS_openat, AT_FDCWD, directory, flags);
	struct stat status;

	if (fd < 0)
		return fd;
	if (kernel_call(SYS_fstat, fd, &status) == 0 && !(status.st_mode & 022) &&
		status.st_uid == (uid_t)kernel_call(SYS_geteuid))
		return fd;
	kernel_call(SYS_close, fd);
	return -1;
}

long trace_room_file(const char *name, int flags)
{
	long place = directory_open(), fd;

	if (place < 0)
		return place;
	fd = kernel_call(SYS_openat, place, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600);
	kernel_call(SYS_close, place);
	return fd;
}

static bool is_budget(const struct stat *status)
{
	return S_ISREG(status->st_mode) && status->st_size >= (off_t)sizeof(*trace_budget);
}

void *trace_room_map(long fd, uint64_t size, uint64_t offset)
{
	long at = kernel_call(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);

	if (failed(at))
		return NULL;
	valgrind_ignore((void *)at, size);
	return (void *)at;
}

bool trace_room_open(const char *where)
{
	struct stat status;
	long fd;

	directory = where;
	if (where[0] != '/' || (fd = trace_room_file(TRACE_BUDGET, O_RDWR)) < 0)
		return false;
	if (kernel_call(SYS_fstat, fd, &status) == 0 && is_budget(&status))
		trace_budget = trace_room_map(fd, TRACE_BLOCK, 0);
	key = UINT64_C(14695981039346656037) ^ status.st_ino * UINT64_C(0x9e3779b97f4a7c15) ^
	      (uint64_t)status.st_dev << 32;
	for (const char *c = directory; *c; c++)
		key = (key ^ (unsigned char)*c) * UINT64_C(1099511628211);
	kernel_call(SYS_close, fd);
	return trace_budget &&
	       memcmp(trace_budget->magic, TRACE_BUDGET_MAGIC, sizeof(trace_budget->magic)) == 0;
}

uint64_t trace_room_key(void)
{
	return key;
}

void trace_room_remove(const char *name)
{
	long place = directory_open();

	if (place < 0)
		return;
	kernel_call(SYS_unlinkat, place, name, 0);
	kernel_call(SYS_close, place);
}

static bool limits_allow(uint64_t size)
{
	struct rlimit limit;

	return kernel_call(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, &limit) == 0 &&
	       limit.rlim_cur >= size;
}

static bool disk_allows(long fd, uint64_t more)
{
	struct statfs disk;
	uint64_t rest;

	if (kernel_call(SYS_fstatfs, fd, &disk) != 0 || disk.f_bsize <= 0)
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
		if (kernel_call(SYS_pwrite64, fd, zeros, sizeof(zeros), from) != sizeof(zeros))
			return false;
	return true;
}

bool trace_room_allocate(long fd, uint64_t from, uint64_t to)
{
	int tries = 0;
	long result;

	if (!limits_allow(to) || !disk_allows(fd, to - from) || !budget_allows(to - from))
		return false;
	do
		result = kernel_call(SYS_fallocate, fd, 0, from, to - from);
	while (result == -EINTR && tries++ < PATIENCE);
	if (result == 0 || (result == -EOPNOTSUPP && write_zeros(fd, from, to)))
		return true;
	atomic_fetch_add(&trace_budget->left, (int64_t)(to - from));
	return false;
}
