/* From numbers to things: one table for all that an import has to find again. */
#ifndef SOCKFIX_MAP_H
#define SOCKFIX_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_slot {
	uint64_t key;
	void *value; /* NULL: the slot is free */
};

/* Zeros are an empty one. */
struct map {
	struct map_slot *slot;
	size_t room, used; /* room: 0 or a power of two */
};

/* NULL: it is not there. */
void *map_get(const struct map *map, uint64_t key);
/* In place of what has the key; value: not NULL. */
void map_put(struct map *map, uint64_t key, void *value);
/* What was there, or NULL. */
void *map_remove(struct map *map, uint64_t key);
/* Frees the table, not what is in it. */
void map_free(struct map *map);

/* Each slot that is taken; the map must not change meanwhile. */
#define for_each_slot(at, map)                                                                     \
	for (struct map_slot *at = (map)->slot; at && at < (map)->slot + (map)->room; at++)        \
		if (at->value)

#endif
