/* The run's pool: what processes left there that could make no file of their own any more, put
 * together to what their files would be. Any process of the run can write into it: nothing of it is
 * believed, and no block is taken twice, so all together is no more than the pool. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tools/read/directory.h"
#include "tools/base/memory.h"

#define POOL_MOST ((size_t)64 << 20)

struct pool {
	unsigned char *bytes; /* NULL: there is none */
	bool *taken;	      /* of each of its blocks: it is in somebody's file */
	size_t length;
	struct trace_pool head;
};

struct pool *pool_read(int directory, struct guests *guests)
{
	struct pool *pool = memory_take(1, sizeof(*pool));
	char *why = NULL;

	pool->bytes = file_read(directory, TRACE_POOL, POOL_MOST, guests, &pool->length, &why);
	free(why);
	pool->taken = memory_take(pool->length / TRACE_BLOCK + 1, sizeof(*pool->taken));
	if (pool->bytes && pool->length >= TRACE_POOL_HEAD)
		memcpy(&pool->head, pool->bytes, sizeof(pool->head));
	if (memcmp(pool->head.magic, TRACE_POOL_MAGIC, sizeof(pool->head.magic)) != 0)
		memset(&pool->head, 0, sizeof(pool->head));
	return pool;
}

void pool_free(struct pool *pool)
{
	free(pool->bytes);
	free(pool->taken);
	free(pool);
}

/* Inside the pool, behind its head, and nobody's yet. */
static bool is_free(const struct pool *pool, const struct trace_piece *piece)
{
	const uint64_t end = (uint64_t)piece->at + piece->blocks;

	if (!piece->blocks || piece->at < TRACE_POOL_HEAD / TRACE_BLOCK ||
		end * TRACE_BLOCK > pool->length)
		return false;
	for (uint64_t block = piece->at; block < end; block++)
		if (pool->taken[block])
			return false;
	return true;
}

static const struct trace_piece *find_piece(const struct pool *pool, uint64_t owner, uint64_t first)
{
	for (size_t i = 0; i < TRACE_PIECES; i++) {
		const struct trace_piece *piece = &pool->head.piece[i];

		if (piece->owner == owner && piece->first == first && is_free(pool, piece))
			return piece;
	}
	return NULL;
}

/* The piece that begins where the file ends so far; then its blocks are taken. */
static const struct trace_piece *next_piece(struct pool *pool, uint64_t owner, uint64_t first)
{
	const struct trace_piece *piece = find_piece(pool, owner, first);

	for (uint32_t i = 0; piece && i < piece->blocks; i++)
		pool->taken[piece->at + i] = true;
	return piece;
}

bool pool_goes_on(const struct pool *pool, uint64_t owner, size_t length)
{
	return owner && length % TRACE_BLOCK == 0 &&
	       find_piece(pool, owner, length / TRACE_BLOCK) != NULL;
}

unsigned char *pool_extend(struct pool *pool, uint64_t owner, unsigned char *bytes, size_t *length)
{
	const struct trace_piece *piece[TRACE_PIECES];
	size_t pieces = 0, end = *length, at = *length;
	unsigned char *all;

	if (!owner || end % TRACE_BLOCK)
		return bytes;
	while (pieces < TRACE_PIECES &&
		(piece[pieces] = next_piece(pool, owner, end / TRACE_BLOCK)) != NULL)
		end += (size_t)piece[pieces++]->blocks * TRACE_BLOCK;
	if (!pieces)
		return bytes;
	all = memory_take(end, 1);
	if (at)
		memcpy(all, bytes, at);
	free(bytes);
	for (size_t i = 0; i < pieces; i++) {
		const size_t size = (size_t)piece[i]->blocks * TRACE_BLOCK;

		memcpy(all + at, pool->bytes + (size_t)piece[i]->at * TRACE_BLOCK, size);
		at += size;
	}
	*length = end;
	return all;
}

uint64_t pool_owner(const struct pool *pool, size_t *next)
{
	while (*next < TRACE_PIECES) {
		const struct trace_piece *piece = &pool->head.piece[(*next)++];

		if (piece->owner && !piece->first && is_free(pool, piece))
			return piece->owner;
	}
	return 0;
}
