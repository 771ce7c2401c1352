/* The run's directory: whether it may be used, and what is opened and mapped in it. Must not keep a
 * descriptor. */
#include "shim/record/room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "shim/base/kernel.h"
#include "shim/record/guest.h"
#include "shim/base/valgrind.h"

struct trace_budget *trace_budget;
static const char *directory;
static uint64_t key;

static bool failed(long result)
{
	return result < 0 && result > -4096;
}

static bool is_open_to_guests(const struct stat *status)
{
	return status->st_uid == 0 && (status->st_mode & 07777) == TRACE_GUESTS;
}

/* Ours alone; or root's, who lets others make files of their own there: what one made nobody but
 * root can take away, for the directory is sticky. */
static bool may_be_used(const struct stat *status)
{
	return is_open_to_guests(status) ||
	       (!(status->st_mode & 022) && status->st_uid == (uid_t)kernel_call(SYS_geteuid));
}

/* A descriptor of the directory, if it may be used; the caller closes it. */
static long directory_open(void)
{
	int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	long fd = kernel_call(SYS_openat, AT_FDCWD, directory, flags);
	struct stat status;

	if (fd < 0)
		return fd;
	if (kernel_call(SYS_fstat, fd, &status) == 0 && may_be_used(&status))
		return fd;
	kernel_call(SYS_close, fd);
	return -EPERM;
}

long trace_room_file(const char *name, int flags)
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

/* The run's budget: to be written; of a guest to be read. */
static long whole_open(bool *guest)
{
	long fd = trace_room_file(TRACE_BUDGET, O_RDWR);

	*guest = fd == -EACCES;
	return *guest ? trace_room_file(TRACE_BUDGET, O_RDONLY) : fd;
}

static void take_key(const struct stat *status)
{
	key = UINT64_C(14695981039346656037) ^ status->st_ino * UINT64_C(0x9e3779b97f4a7c15) ^
	      (uint64_t)status->st_dev << 32;
	for (const char *c = directory; *c; c++)
		key = (key ^ (unsigned char)*c) * UINT64_C(1099511628211);
}

static bool map_budget(long fd)
{
	struct stat status;

	if (kernel_call(SYS_fstat, fd, &status) == 0 && is_budget(&status))
		trace_budget = trace_room_map(fd, TRACE_BLOCK, 0);
	return trace_budget &&
	       memcmp(trace_budget->magic, TRACE_BUDGET_MAGIC, sizeof(trace_budget->magic)) == 0;
}

bool trace_room_open(const char *where)
{
	struct stat status = {.st_ino = 0};
	bool guest, mapped = false;
	long whole, fd;

	directory = where;
	if (where[0] != '/' || (whole = whole_open(&guest)) < 0)
		return false;
	kernel_call(SYS_fstat, whole, &status);
	take_key(&status);
	fd = guest ? trace_guest_budget(whole) : whole;
	if (fd >= 0)
		mapped = map_budget(fd);
	if (guest && fd >= 0)
		kernel_call(SYS_close, fd);
	kernel_call(SYS_close, whole);
	return mapped;
}

bool trace_room_rename(const char *from, const char *to)
{
	long place = directory_open(), error = -1;

	if (place < 0)
		return false;
	error = kernel_call(SYS_renameat2, place, from, place, to, RENAME_NOREPLACE);
	kernel_call(SYS_close, place);
	return error == 0;
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
