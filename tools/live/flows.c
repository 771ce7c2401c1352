/* Walks the table of flows in another process's memory. Every number from there is bounded before
 * it is used: a table that changes, or lies, costs a wrong count, never more than a look at each
 * place. */
#include "tools/live/flows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/live/peek.h"

enum {
	FLOW_LEAST = 4096, /* address: what is below says what else a descriptor is */
	FLOW_MOST = 4096,  /* bytes of one */
	SHIFT_MOST = 20,   /* flows a chunk, as a power of two */
	CHUNKS_MOST = 1 << 16,
	FLOWS_MOST = 1 << 22, /* of a process */
	BATCH = 256,	      /* flows that are copied at a time */
};

static bool is_field(const struct control_field *field, uint32_t whole)
{
	const unsigned size = field->size;

	return (size == 1 || size == 2 || size == 4 || size == 8) && field->offset + size <= whole;
}

bool flows_map(const struct control_map *map)
{
	for (int i = 0; i < CONTROL_FIELD_COUNT; i++)
		if (!is_field(&map->field[i], map->flow_size))
			return false;
	return map->flow_size <= FLOW_MOST && map->flow_shift <= SHIFT_MOST &&
	       map->flow_chunks <= CHUNKS_MOST && map->held_shift < 64 &&
	       map->slot_shift <= SHIFT_MOST && map->slot_chunks <= CHUNKS_MOST;
}

uint32_t flows_address_size(const struct control_map *map)
{
	return map->address_size == 4 ? 4 : 8;
}

uint64_t flow_copy_get(const struct flow_copy *flow, enum control_field_name name)
{
	const struct control_field *field = &flow->map->field[name];
	const char *at = flow->bytes + field->offset;
	uint32_t four;
	uint16_t two;
	uint64_t all;

	switch (field->size) {
	case 1:
		return *(const unsigned char *)at;
	case 2:
		memcpy(&two, at, sizeof(two));
		return two;
	case 4:
		memcpy(&four, at, sizeof(four));
		return four;
	default:
		memcpy(&all, at, sizeof(all));
		return all;
	}
}

/* Where the slot of fd lies; 0: nowhere. */
static int find_slot(pid_t pid, const struct control_map *map, uint32_t fd, uint64_t *at)
{
	const uint32_t chunk = fd >> map->slot_shift, address = flows_address_size(map);
	uint64_t start = map->slot_first;
	int error = 0;

	if (chunk >= map->slot_chunks)
		return -ENOENT;
	if (chunk)
		error = peek_address(
			pid, map->slot_chunk + (uint64_t)chunk * address, address, &start);
	*at = start + (uint64_t)(fd & ((1u << map->slot_shift) - 1)) * address;
	return error ? error : start ? 0 : -ENOENT;
}

int flows_find(pid_t pid, const struct control_map *map, int fd, char *room, struct flow_copy *flow)
{
	uint64_t at = 0, slot = 0;
	int error = fd < 0 ? -ENOENT : find_slot(pid, map, (uint32_t)fd, &at);

	if (!error)
		error = peek_address(pid, at, flows_address_size(map), &slot);
	if (error || slot < FLOW_LEAST)
		return error ? error : -ENOENT;
	*flow = (struct flow_copy){map, room};
	error = peek(pid, slot, room, map->flow_size);
	return error ? error : flow_copy_get(flow, CONTROL_REFS) ? 0 : -ENOENT;
}

struct walk {
	pid_t pid;
	const struct control_map *map;
	void (*each)(void *context, const struct flow_copy *flow);
	void *context;
	char *room; /* of BATCH flows */
};

static int walk_batch(const struct walk *walk, uint64_t at, uint32_t count)
{
	const uint32_t size = walk->map->flow_size;
	const int error = peek(walk->pid, at, walk->room, (size_t)count * size);

	for (uint32_t i = 0; !error && i < count; i++) {
		const struct flow_copy flow = {walk->map, walk->room + (size_t)i * size};

		walk->each(walk->context, &flow);
	}
	return error;
}

/* The first `count` of a chunk. */
static int walk_chunk(const struct walk *walk, uint32_t chunk, uint32_t count)
{
	const uint32_t address = flows_address_size(walk->map);
	uint64_t start = 0;
	int error = peek_address(
		walk->pid, walk->map->flow_chunk + (uint64_t)chunk * address, address, &start);

	if (error || !start)
		return error;
	for (uint32_t at = 0; !error && at < count; at += BATCH)
		error = walk_batch(walk, start + (uint64_t)at * walk->map->flow_size,
			count - at < BATCH ? count - at : BATCH);
	return error;
}

int flows_each(pid_t pid, const struct control_map *map,
	void (*each)(void *context, const struct flow_copy *flow), void *context)
{
	const uint32_t whole = 1u << map->flow_shift;
	struct walk walk = {pid, map, each, context, memory_take(BATCH, map->flow_size)};
	uint32_t count = 0;
	int error = peek(pid, map->flow_count, &count, sizeof(count));

	if (count > FLOWS_MOST)
		count = FLOWS_MOST;
	for (uint32_t chunk = 0; !error && chunk < map->flow_chunks && count; chunk++) {
		const uint32_t here = count < whole ? count : whole;

		error = walk_chunk(&walk, chunk, here);
		count -= here;
	}
	free(walk.room);
	return error;
}
