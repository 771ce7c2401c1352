/* Pages by mmap(2). An allocator that the victim preloads may itself call what we intercept, so
 * nothing of ours ever calls malloc. */
#include "shim/base/page.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include "shim/base/fault.h"
#include "shim/base/valgrind.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

static void *map(size_t size, int sharing)
{
	int saved = errno;
	void *memory =
		OURS(mmap(NULL, size, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0));

	errno = saved;
	if (memory == MAP_FAILED)
		return NULL;
	valgrind_ignore(memory, size);
	return memory;
}

/* From Linux 6.7 on the kernel finds such a place by itself. Before, twice as much is mapped, and
 * what is beside the place given back. */
static void *map_aligned(size_t size)
{
	char *memory = map(size, MAP_PRIVATE), *place;

	if (!memory || (uintptr_t)memory % size == 0)
		return memory;
	page_unmap(memory, size);
	memory = map(2 * size, MAP_PRIVATE);
	if (!memory)
		return map(size, MAP_PRIVATE);
	place = memory + (-(uintptr_t)memory & (size - 1));
	if (place > memory)
		page_unmap(memory, (size_t)(place - memory));
	page_unmap(place + size, (size_t)(memory + size - place));
	return place;
}

void *page_map(size_t size)
{
	return size == PAGE_HUGE ? map_aligned(size) : map(size, MAP_PRIVATE);
}

void page_make_huge(void *memory)
{
	int saved = errno;

	if ((uintptr_t)memory % PAGE_HUGE == 0 &&
		OURS(madvise(memory, PAGE_HUGE, MADV_HUGEPAGE)) == 0)
		OURS(madvise(memory, PAGE_HUGE, MADV_COLLAPSE));
	errno = saved;
}

void *page_map_shared(size_t size)
{
	return map(size, MAP_SHARED);
}

void page_unmap(void *memory, size_t size)
{
	int saved = errno;

	OURS(munmap(memory, size));
	errno = saved;
}

bool page_wipe_on_fork(void *memory, size_t size)
{
	int saved = errno;
	bool wipes = OURS(madvise(memory, size, MADV_WIPEONFORK)) == 0;

	errno = saved;
	return wipes;
}
