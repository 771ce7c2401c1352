/* The run's pool: what processes left there that could make no file of their own any more, put
 * together to what their files would be. Any process of the run can write into it: nothing of it is
 * believed, and no piece is taken twice. */
#include <stdlib.h>
#include <string.h>

#include "tools/trace/directory.h"
#include "tools/trace/memory.h"

#define POOL_MOST ((size_t)64 << 20)

struct pool {
	unsigned char *bytes; /* NULL: there is none */
	size_t length;
	struct trace_pool head;
};

struct pool *pool_read(int directory)
{
	struct pool *pool = memory_take(1, sizeof(*pool));
	char *why = NULL;

	pool->bytes = file_read(directory, TRACE_POOL, POOL_MOST, &pool->length, &why);
	free(why);
	if (pool->bytes && pool->length >= TRACE_POOL_HEAD)
		memcpy(&pool->head, pool->bytes, sizeof(pool->head));
	if (memcmp(pool->head.magic, TRACE_POOL_MAGIC, sizeof(pool->head.magic)) != 0)
		memset(&pool->head, 0, sizeof(pool->head));
	return pool;
}

void pool_free(struct pool *pool)
{
	free(pool->bytes);
	free(pool);
}

static bool is_inside(const struct pool *pool, const struct trace_piece *piece)
{
	const uint64_t end = ((uint64_t)piece->at + piece->blocks) * TRACE_BLOCK;

	return piece->blocks && piece->at >= TRACE_POOL_HEAD / TRACE_BLOCK && end <= pool->length;
}

static const struct trace_piece *find_piece(const struct pool *pool, uint64_t owner, uint64_t first)
{
	for (size_t i = 0; i < TRACE_PIECES; i++) {
		const struct trace_piece *piece = &pool->head.piece[i];

		if (piece->owner == owner && piece->first == first && is_inside(pool, piece))
			return piece;
	}
	return NULL;
}

static unsigned char *longer(unsigned char *bytes, size_t length, size_t more)
{
	unsigned char *all = memory_take(length + more, 1);

	if (length)
		memcpy(all, bytes, length);
	free(bytes);
	return all;
}

/* Each piece begins where the bytes end so far, so none is taken twice; all together are no more
 * than the pool is. */
unsigned char *pool_extend(
	const struct pool *pool, uint64_t owner, unsigned char *bytes, size_t *length)
{
	const struct trace_piece *piece;
	size_t more = 0;

	while (owner && *length % TRACE_BLOCK == 0 &&
		(piece = find_piece(pool, owner, *length / TRACE_BLOCK)) != NULL) {
		const size_t size = (size_t)piece->blocks * TRACE_BLOCK;

		more += size;
		if (more > pool->length)
			break;
		bytes = longer(bytes, *length, size);
		memcpy(bytes + *length, pool->bytes + (size_t)piece->at * TRACE_BLOCK, size);
		*length += size;
	}
	return bytes;
}

uint64_t pool_owner(const struct pool *pool, size_t *next)
{
	while (*next < TRACE_PIECES) {
		const struct trace_piece *piece = &pool->head.piece[(*next)++];

		if (piece->owner && !piece->first && is_inside(pool, piece))
			return piece->owner;
	}
	return 0;
}
