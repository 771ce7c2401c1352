/* A hash table of numbers: linear probing, and what is removed leaves no mark behind. */
#include "tools/import/map.h"

#include <stdlib.h>

#include "tools/base/memory.h"

static size_t place_of(const struct map *map, uint64_t key)
{
	const uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(hash ^ hash >> 32) & (map->room - 1);
}

/* Its slot, or the free one where it belongs. */
static struct map_slot *slot_of(const struct map *map, uint64_t key)
{
	size_t at = place_of(map, key);

	while (map->slot[at].value && map->slot[at].key != key)
		at = (at + 1) & (map->room - 1);
	return &map->slot[at];
}

void *map_get(const struct map *map, uint64_t key)
{
	return map->room ? slot_of(map, key)->value : NULL;
}

static void grow(struct map *map)
{
	const struct map old = *map;

	map->room = old.room ? 2 * old.room : 16;
	map->slot = memory_take(map->room, sizeof(*map->slot));
	for_each_slot(at, &old) * slot_of(map, at->key) = *at;
	free(old.slot);
}

void map_put(struct map *map, uint64_t key, void *value)
{
	struct map_slot *slot;

	if (map->used * 4 >= map->room * 3)
		grow(map);
	slot = slot_of(map, key);
	map->used += !slot->value;
	*slot = (struct map_slot){key, value};
}

void *map_remove(struct map *map, uint64_t key)
{
	struct map_slot *slot = map->room ? slot_of(map, key) : NULL;
	void *value = slot ? slot->value : NULL;
	size_t hole, at;

	if (!value)
		return NULL;
	map->used--;
	hole = at = (size_t)(slot - map->slot);
	/* Those behind it that could stand nearer to their places. */
	for (;;) {
		map->slot[hole].value = NULL;
		do {
			at = (at + 1) & (map->room - 1);
			if (!map->slot[at].value)
				return value;
		} while (((at - place_of(map, map->slot[at].key)) & (map->room - 1)) <
			 ((at - hole) & (map->room - 1)));
		map->slot[hole] = map->slot[at];
		hole = at;
	}
}

void map_free(struct map *map)
{
	free(map->slot);
	*map = (struct map){0};
}
