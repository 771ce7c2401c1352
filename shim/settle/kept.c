/* A table that grows by pages: the first part, which is enough for nearly every process, stands in
 * the library. */
#include "shim/settle/kept.h"

#include "shim/base/page.h"
#include "shim/base/pool.h"

#define SHIFT  7 /* of a chunk, as a power of two */
#define CHUNKS 256
#define MOST   (CHUNKS << SHIFT)

static SELDOM struct kept first[1 << SHIFT];
static SELDOM _Atomic(void *) chunk[CHUNKS];
static _Atomic int claimed;

int kept_end(void)
{
	const int end = atomic_load(&claimed);

	return end < MOST ? end : MOST;
}

static struct kept *place_in(struct kept *part, int number)
{
	return part ? &part[number & ((1 << SHIFT) - 1)] : NULL;
}

struct kept *kept_at(int number)
{
	if (number >> SHIFT == 0)
		return &first[number];
	return place_in(
		atomic_load_explicit(&chunk[number >> SHIFT], memory_order_acquire), number);
}

struct kept *kept_new(int *number)
{
	*number = atomic_fetch_add(&claimed, 1);
	if (*number >= MOST) {
		atomic_store(&claimed, MOST);
		return NULL;
	}
	if (*number >> SHIFT == 0)
		return &first[*number];
	return place_in(
		pool_chunk(&chunk[*number >> SHIFT], sizeof(struct kept) << SHIFT), *number);
}
