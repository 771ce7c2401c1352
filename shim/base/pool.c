/* Growing pools with a tagged free list: what flows and shadows are made of.
 *
 * Must not know what is in an item, and must never unmap: another thread may still be looking. */
#include "shim/base/pool.h"

#include "shim/base/page.h"

void *pool_chunk(_Atomic(void *) *place, size_t size)
{
	void *chunk = atomic_load_explicit(place, memory_order_acquire), *none = NULL;

	if (chunk)
		return chunk;
	chunk = page_map(size);
	if (!chunk || atomic_compare_exchange_strong(place, &none, chunk))
		return chunk;
	page_unmap(chunk, size);
	return none;
}

static uint64_t head_after(uint64_t head, uint32_t first)
{
	return ((head >> 32) + 1) << 32 | first;
}

static struct pool_item *item_at(const struct pool *pool, uint32_t index)
{
	return (struct pool_item *)((char *)pool_at(pool, index) + pool->item);
}

static void *take_free(struct pool *pool, uint32_t *index)
{
	uint64_t head = atomic_load(&pool->free);
	uint32_t next;

	do {
		if ((uint32_t)head == 0)
			return NULL;
		*index = (uint32_t)head - 1;
		next = atomic_load(&item_at(pool, *index)->next);
	} while (!atomic_compare_exchange_weak(&pool->free, &head, head_after(head, next)));
	return pool_at(pool, *index);
}

static void *carve(struct pool *pool, uint32_t *index)
{
	uint32_t made = atomic_load(&pool->carved);

	do {
		if (made >= pool->limit ||
			!pool_chunk(&pool->chunk[made >> pool->shift], pool->size << pool->shift))
			return NULL;
	} while (!atomic_compare_exchange_weak(&pool->carved, &made, made + 1));
	*index = made;
	return pool_at(pool, made);
}

void *pool_take(struct pool *pool, uint32_t *index)
{
	void *item = take_free(pool, index);

	return item ? item : carve(pool, index);
}

void pool_give(struct pool *pool, uint32_t index)
{
	uint64_t head = atomic_load(&pool->free);
	struct pool_item *item = item_at(pool, index);

	do
		atomic_store(&item->next, (uint32_t)head);
	while (!atomic_compare_exchange_weak(&pool->free, &head, head_after(head, index + 1)));
}
