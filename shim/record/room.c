/* What all processes of a run share: the budget, and maps of files in its directory. Must not keep
 * a descriptor. */
#include "shim/record/directory.h"
#include "shim/record/room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "shim/base/kernel.h"
#include "shim/record/directory.h"
#include "shim/record/guest.h"
#include "shim/base/valgrind.h"

struct trace_budget *trace_budget;
static uint64_t key;

static bool failed(long result)
{
	return result < 0 && result > -4096;
}

static bool is_budget(const struct kernel_stat *status)
{
	return S_ISREG(status->st_mode) && status->st_size >= (off_t)sizeof(*trace_budget);
}

void *trace_room_map(long fd, uint64_t size, uint64_t offset)
{
	long at = kernel_call(
		SYS_mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, KERNEL_PLACE(offset));

	if (failed(at))
		return NULL;
	valgrind_ignore((void *)at, size);
	return (void *)at;
}

/* The run's budget: to be written; of a guest to be read. */
static long whole_open(bool *guest)
{
	long fd = trace_directory_file(TRACE_BUDGET, O_RDWR);

	*guest = fd == -EACCES;
	return *guest ? trace_directory_file(TRACE_BUDGET, O_RDONLY) : fd;
}

static void take_key(const struct kernel_stat *status, const char *where)
{
	key = UINT64_C(14695981039346656037) ^ status->st_ino * UINT64_C(0x9e3779b97f4a7c15) ^
	      (uint64_t)status->st_dev << 32;
	for (const char *c = where; *c; c++)
		key = (key ^ (unsigned char)*c) * UINT64_C(1099511628211);
}

static bool map_budget(long fd)
{
	struct kernel_stat status;

	if (kernel_call(SYS_fstat, fd, &status) == 0 && is_budget(&status))
		trace_budget = trace_room_map(fd, TRACE_BLOCK, 0);
	return trace_budget &&
	       memcmp(trace_budget->magic, TRACE_BUDGET_MAGIC, sizeof(trace_budget->magic)) == 0;
}

bool trace_room_open(const char *where)
{
	struct kernel_stat status = {.st_ino = 0};
	bool guest, mapped = false;
	long whole, fd;

	trace_directory_use(where);
	if (where[0] != '/' || (whole = whole_open(&guest)) < 0)
		return false;
	kernel_call(SYS_fstat, whole, &status);
	take_key(&status, where);
	fd = guest ? trace_guest_budget(whole) : whole;
	if (fd >= 0)
		mapped = map_budget(fd);
	if (guest && fd >= 0)
		kernel_call(SYS_close, fd);
	kernel_call(SYS_close, whole);
	return mapped;
}

uint64_t trace_room_key(void)
{
	return key;
}
