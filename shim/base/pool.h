/* A pool of equal items: grows by pages, is never given back to the kernel, lock-free and
 * async-signal-safe. An item once carved stays readable for ever. */
#ifndef SOCKFIX_POOL_H
#define SOCKFIX_POOL_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Every item has this inside; it is the pool's, also while the item is in use: whoever was
 * overtaken while taking an item still reads it. */
struct pool_item {
	_Atomic uint32_t next; /* index + 1 on the free list */
};

struct pool {
	size_t size;		 /* of an item, in bytes */
	size_t item;		 /* where in it struct pool_item is */
	uint32_t shift;		 /* a chunk has 1 << shift items */
	uint32_t limit;		 /* items: a multiple of that */
	_Atomic(void *) *chunk;	 /* limit >> shift of them */
	_Atomic uint32_t carved; /* items ever handed out at the same time */
	_Atomic uint64_t free;	 /* tag << 32 | index + 1; the tag counts every change, so that a
				  * take that was overtaken cannot link in an item that is in use */
};

/* An item as it was left (zeroed when new), its index in *index. NULL at the limit or without
 * memory. */
void *pool_take(struct pool *pool, uint32_t *index);
void pool_give(struct pool *pool, uint32_t index);

/* index must have come from pool_take(). */
static inline void *pool_at(const struct pool *pool, uint32_t index)
{
	char *chunk =
		atomic_load_explicit(&pool->chunk[index >> pool->shift], memory_order_acquire);
	uint32_t mask = (1u << pool->shift) - 1;

	return chunk + (index & mask) * pool->size;
}

/* The chunk at *place, mapped on first use; NULL without memory. */
void *pool_chunk(_Atomic(void *) *place, size_t size);

#endif
