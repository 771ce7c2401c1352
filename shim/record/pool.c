/* Takes pieces of the pool by one atomic addition each: no lock, no system call, so neither another
 * user nor another root is in its way. Never gives any back. */
#include "shim/record/pool.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "shim/base/kernel.h"
#include "shim/trace_format.h"
#include "shim/record/directory.h"
#include "shim/record/room.h"

static struct trace_pool *pool;
static uint64_t size; /* as it is mapped, in blocks; the pool itself is not believed */
static struct who {
	long uid;
	dev_t device; /* of the root */
	ino_t inode;
} began;

static struct who who_is_it(void)
{
	struct who who = {.uid = kernel_call(SYS_geteuid)};
	struct kernel_stat root;

	if (kernel_call(SYS_newfstatat, AT_FDCWD, "/", &root, 0) == 0) {
		who.device = root.st_dev;
		who.inode = root.st_ino;
	}
	return who;
}

void trace_pool_open(void)
{
	const long fd = trace_directory_file(TRACE_POOL, O_RDWR);
	struct kernel_stat status;

	began = who_is_it();
	if (fd < 0)
		return;
	if (kernel_call(SYS_fstat, fd, &status) == 0 && S_ISREG(status.st_mode) &&
		status.st_size > (off_t)TRACE_POOL_HEAD)
		pool = trace_room_map(fd, (uint64_t)status.st_size, 0);
	size = pool ? (uint64_t)status.st_size / TRACE_BLOCK : 0;
	kernel_call(SYS_close, fd);
}

bool trace_pool_has_moved(void)
{
	const struct who now = who_is_it();

	return now.uid != began.uid || now.device != began.device || now.inode != began.inode;
}

bool trace_pool_is_missed(void)
{
	return !pool && trace_pool_has_moved();
}

/* What is taken beyond the end stays taken: nobody finds room there then. */
static bool take(uint32_t blocks, uint32_t *at)
{
	if (atomic_load(&pool->taken) + (uint64_t)blocks > size)
		return false;
	*at = atomic_fetch_add(&pool->taken, blocks);
	return *at >= TRACE_POOL_HEAD / TRACE_BLOCK && *at + (uint64_t)blocks <= size;
}

void *trace_pool_take(uint64_t owner, uint32_t first, uint32_t blocks)
{
	struct trace_piece *piece;
	uint32_t at, place;

	if (!pool || !take(blocks, &at))
		return NULL;
	place = atomic_fetch_add(&pool->pieces, 1);
	if (place >= TRACE_PIECES)
		return NULL;
	piece = &pool->piece[place];
	piece->first = first;
	piece->blocks = blocks;
	piece->at = at;
	atomic_store_explicit(&piece->owner, owner, memory_order_release);
	return (char *)pool + (uint64_t)at * TRACE_BLOCK;
}
