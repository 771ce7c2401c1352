/* Memory in whole pages, straight from the kernel: never the victim's allocator. */
#ifndef SOCKFIX_PAGE_H
#define SOCKFIX_PAGE_H

#include <stddef.h>

/* Zeroed memory, page-aligned; NULL when there is none. Async-signal-safe; keeps errno. */
void *page_map(size_t size);
void page_unmap(void *memory, size_t size);

#endif
