/* Brings together what the kernel lists of a process's sockets, which descriptors name them, and
 * what the library there has behind these. */
#include "tools/live/holding.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/live/descriptors.h"
#include "tools/live/flows.h"
#include "tools/live/inside.h"
#include "tools/live/namespace.h"

struct taking {
	struct descriptors descriptors;
	struct holdings *holdings;
};

static void take_listed(void *context, const struct socket_state *socket)
{
	struct taking *taking = context;
	struct holdings *holdings = taking->holdings;
	const struct descriptor *descriptor = descriptors_find(&taking->descriptors, socket->inode);

	if (!descriptor)
		return;
	holdings->of = memory_grow(holdings->of, holdings->count, sizeof(*holdings->of));
	holdings->of[holdings->count++] = (struct holding){.socket = *socket,
		.fd = descriptor->fd,
		.listens = socket->state == TCP_IS_LISTENING};
}

static int take_sockets(pid_t pid, struct holdings *holdings)
{
	struct taking taking = {.holdings = holdings};
	const int kernel = namespace_open(pid);
	int error = kernel < 0 ? kernel : descriptors_take(&taking.descriptors, pid);

	if (!error)
		error = sockets_each_and_listeners(kernel, take_listed, &taking);
	free(taking.descriptors.of);
	if (kernel >= 0)
		close(kernel);
	return error;
}

/* Where the library knows nothing: a connection to a port that the process listens on. */
static bool is_accepted(const struct holdings *holdings, const struct socket_state *socket)
{
	for (size_t i = 0; i < holdings->count; i++)
		if (holdings->of[i].listens &&
			holdings->of[i].socket.local_port == socket->local_port)
			return true;
	return false;
}

static void take_flow(struct holding *holding, const struct flow_copy *flow)
{
	const struct control_map *map = flow->map;
	const uint64_t state = flow_copy_get(flow, CONTROL_STATE);

	holding->known = state & map->settled;
	if (!holding->known)
		return;
	holding->server = state & map->server;
	holding->waits = state & map->news;
	holding->mode = (uint8_t)flow_copy_get(flow, CONTROL_MODE);
	holding->given_up = (uint8_t)flow_copy_get(flow, CONTROL_GIVEN_UP);
	holding->held = (uint32_t)((flow_copy_get(flow, CONTROL_HELD) >> map->held_shift) -
				   flow_copy_get(flow, CONTROL_HELD_BEFORE));
	holding->late = flow_copy_get(flow, CONTROL_LATE);
	holding->ours = flow_copy_get(flow, CONTROL_OURS);
}

static int compare_fd(const void *left, const void *right)
{
	const struct holding *a = left, *b = right;

	return (a->fd > b->fd) - (a->fd < b->fd);
}

int holdings_take(pid_t pid, const struct library *library, struct holdings *holdings)
{
	struct control_map map;
	struct flow_copy flow;
	char *room;
	int error = inside_map(pid, library, &map);

	*holdings = (struct holdings){.of = NULL};
	if (!error)
		error = take_sockets(pid, holdings);
	if (error)
		return error;
	room = memory_take(1, map.flow_size);
	for (size_t i = 0; i < holdings->count; i++) {
		struct holding *holding = &holdings->of[i];

		holding->server = is_accepted(holdings, &holding->socket);
		if (flows_find(pid, &map, holding->fd, room, &flow) == 0)
			take_flow(holding, &flow);
	}
	free(room);
	if (holdings->count)
		qsort(holdings->of, holdings->count, sizeof(*holdings->of), compare_fd);
	return 0;
}
