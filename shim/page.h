/* Memory in whole pages, straight from the kernel: never the victim's allocator. */
#ifndef SOCKFIX_PAGE_H
#define SOCKFIX_PAGE_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed memory, page-aligned; NULL when there is none. Async-signal-safe; keeps errno. */
void *page_map(size_t size);
void page_unmap(void *memory, size_t size);

/* From now on every child of a fork, but not of a vfork, finds zeros there (madvise(2),
 * MADV_WIPEONFORK, Linux 4.14). False: this kernel cannot. Likewise. */
bool page_wipe_on_fork(void *memory, size_t size);

#endif
