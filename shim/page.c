/* Pages by mmap(2). An allocator that the victim preloads may itself call what we intercept, so
 * nothing of ours ever calls malloc. */
#include "page.h"

#include <errno.h>
#include <sys/mman.h>

void *page_map(size_t size)
{
	int saved = errno;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	errno = saved;
	return memory == MAP_FAILED ? NULL : memory;
}

void page_unmap(void *memory, size_t size)
{
	int saved = errno;

	munmap(memory, size);
	errno = saved;
}

bool page_wipe_on_fork(void *memory, size_t size)
{
	int saved = errno;
	bool wipes = madvise(memory, size, MADV_WIPEONFORK) == 0;

	errno = saved;
	return wipes;
}
