/* Whether another connection of the process got on during a stall: by the moments at which reads
 * and writes with data returned. There are as many as calls, so that they are kept packed, in
 * blocks that are searched. */
#include <stdlib.h>

#include "tools/find/judge.h"
#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"
#include "tools/base/packed.h"

#define BLOCK 64u /* moments */

struct moments {
	struct block {
		uint32_t process;
		uint64_t began; /* its first moment */
		size_t at;	/* in bytes */
	} * block;
	size_t blocks, count;
	struct packed packed; /* of each moment ns since the one before, twice; one more where the
			       * flow follows, which is not that of the one before */
	uint64_t last;
	uint32_t flow; /* of the last; 0: none in this block */
};

static void add(struct moments *moments, uint32_t process, uint64_t time, uint32_t flow)
{
	if (!moments->blocks || moments->block[moments->blocks - 1].process != process ||
		moments->count == BLOCK) {
		moments->block =
			memory_grow(moments->block, moments->blocks, sizeof(*moments->block));
		moments->block[moments->blocks++] =
			(struct block){process, time, moments->packed.length};
		moments->last = time;
		moments->flow = 0;
		moments->count = 0;
	}
	const bool other = flow != moments->flow;
	const uint64_t passed = beyond(time, moments->last);
	packed_add(&moments->packed, (const uint64_t[]){passed << 1 | other, flow}, 1 + other);
	moments->last = time;
	moments->flow = flow;
	moments->count++;
}

static void add_process(struct moments *moments, const struct run *run, uint32_t process)
{
	struct merge *merge = merge_by_ends(&run->process[process]);
	const struct happening *next;

	while ((next = merge_next(merge)) != NULL)
		if (!next->probe && step_has_data(&next->step))
			add(moments, process, next->step.end, next->flow);
	merge_end(merge);
}

struct moments *moments_take(const struct run *run)
{
	struct moments *moments = memory_take(1, sizeof(*moments));

	for (uint32_t p = 0; p < run->processes; p++)
		add_process(moments, run, p);
	return moments;
}

void moments_free(struct moments *moments)
{
	if (!moments)
		return;
	free(moments->block);
	packed_free(&moments->packed);
	free(moments);
}

/* The last block that begins no later; 0: there is none. */
static size_t find_block(const struct moments *moments, uint32_t process, uint64_t time)
{
	size_t low = 0, high = moments->blocks;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct block *block = &moments->block[middle];
		if (block->process < process || (block->process == process && block->began <= time))
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : 0;
}

bool moments_other(
	const struct moments *moments, uint32_t process, uint32_t flow, uint64_t from, uint64_t to)
{
	for (size_t b = find_block(moments, process, from); b < moments->blocks; b++) {
		const struct block *block = &moments->block[b];
		const size_t end =
			b + 1 < moments->blocks ? moments->block[b + 1].at : moments->packed.length;
		const unsigned char *at = moments->packed.byte + block->at;
		uint64_t time = block->began, passed, whose = 0;

		if (block->process < process)
			continue;
		if (block->process > process)
			break;
		while (at < moments->packed.byte + end) {
			at = packed_get(at, &passed);
			if (passed & 1)
				at = packed_get(at, &whose);
			time += passed >> 1;
			if (time >= to)
				return false;
			if (time > from && whose != flow)
				return true;
		}
	}
	return false;
}
