/* The flows of a running process, in the library's table. */
#ifndef SOCKFIX_LIVE_FLOWS_H
#define SOCKFIX_LIVE_FLOWS_H

#include <stdbool.h>
#include <sys/types.h>

#include "shim/control_page.h"

/* Whether the map can be followed: all that is said in it is within bounds. */
bool flows_map(const struct control_map *map);

/* Bytes of an address in that process. */
uint32_t flows_address_size(const struct control_map *map);

/* One flow, as it was copied; valid during the call alone. */
struct flow_copy {
	const struct control_map *map;
	const char *bytes;
};
uint64_t flow_copy_get(const struct flow_copy *flow, enum control_field_name name);

/* The flow that descriptor fd names, copied to room, of map->flow_size bytes. 0; -ENOENT: it names
 * none; or -errno. */
int flows_find(
	pid_t pid, const struct control_map *map, int fd, char *room, struct flow_copy *flow);

/* Calls `each` for every place of the table that was ever used. 0, or -errno: it was not called for
 * all. */
int flows_each(pid_t pid, const struct control_map *map,
	void (*each)(void *context, const struct flow_copy *flow), void *context);

#endif
