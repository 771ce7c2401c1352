/* Memory in whole pages, straight from the kernel: never the victim's allocator. */
#ifndef SOCKFIX_PAGE_H
#define SOCKFIX_PAGE_H

#include <stdbool.h>
#include <stddef.h>

/* Of a big table that most processes never touch. The linker puts those behind all other variables
 * (--sort-section=name): what every start writes to then lies in two pages, and not in ten. */
#ifdef __SANITIZE_ADDRESS__ /* has no eye on what lies in a section of its own */
#define SELDOM
#else
#define SELDOM __attribute__((section(".bss.seldom")))
#endif

/* Zeroed memory, page-aligned; NULL when there is none. Async-signal-safe; keeps errno. */
void *page_map(size_t size);
void page_unmap(void *memory, size_t size);

/* The same, shared with every child of a fork. */
void *page_map_shared(size_t size);

/* The kernel may keep memory of PAGE_HUGE bytes, at an address that is a multiple of that, as one
 * page: a fork then copies one entry of its page table where it were 512. Where it cannot, it stays
 * as it is. */
#define PAGE_HUGE (2u << 20)
void page_make_huge(void *memory);

/* From now on every child of a fork, but not of a vfork, finds zeros there (madvise(2),
 * MADV_WIPEONFORK, Linux 4.14). False: this kernel cannot. Likewise. */
bool page_wipe_on_fork(void *memory, size_t size);

#endif
