/* A table of connections by their cookies: open addressing; it is made anew where some are taken
 * out. Pure. */
#include "tools/live/connections.h"

#include <stdlib.h>

#include "tools/base/memory.h"

/* Fibonacci hashing: cookies are numbers in a row. */
static size_t first_slot(const struct connections *connections, uint64_t cookie)
{
	return (size_t)(cookie * UINT64_C(11400714819323198485) >> 32) & (connections->slots - 1);
}

/* The slot of that cookie, or the free one where it belongs. */
static uint32_t *slot_of(const struct connections *connections, uint64_t cookie)
{
	size_t at = first_slot(connections, cookie);

	while (connections->slot[at] &&
		connections->of[connections->slot[at] - 1].looks.first.cookie != cookie)
		at = (at + 1) & (connections->slots - 1);
	return &connections->slot[at];
}

static void make_slots(struct connections *connections)
{
	free(connections->slot);
	connections->slot = memory_take(connections->slots, sizeof(*connections->slot));
	for (size_t i = 0; i < connections->count; i++)
		*slot_of(connections, connections->of[i].looks.first.cookie) = (uint32_t)i + 1;
}

static void grow(struct connections *connections)
{
	connections->slots = connections->slots ? connections->slots * 2 : 64;
	make_slots(connections);
}

struct connection *connections_find(struct connections *connections, uint64_t cookie)
{
	uint32_t *slot;

	if (connections->slots <= (connections->count + 1) * 2)
		grow(connections);
	slot = slot_of(connections, cookie);
	if (!*slot) {
		connections->of =
			memory_grow(connections->of, connections->count, sizeof(*connections->of));
		connections->of[connections->count] = (struct connection){.fd = -1};
		connections->of[connections->count].looks.first.cookie = cookie;
		*slot = (uint32_t)++connections->count;
	}
	return &connections->of[*slot - 1];
}

void connection_listed(struct connection *connection, const struct socket_state *socket)
{
	const uint64_t moved = socket->sent + socket->received;

	/* of listeners on one port any may answer for all (SO_REUSEPORT) */
	connection->gone = false;
	connection->idle = connection->looks.looks > 0 && moved == connection->moved &&
			   socket->state == TCP_IS_UP && socket->tcp.unacked == 0 &&
			   socket->tcp.unsent == 0;
	connection->moved = moved;
}

static void forget(struct connection *connection)
{
	when_free(&connection->waited);
	when_free(&connection->called);
	when_free(&connection->lost);
}

void connection_forget_looks(struct connection *connection, uint32_t looks)
{
	when_forget(&connection->waited, looks);
	when_forget(&connection->called, looks);
	when_forget(&connection->lost, looks);
}

void connections_move(struct connections *to, struct connections *from, size_t number)
{
	struct connection *old = &from->of[number];
	struct connection *new = connections_find(to, old->looks.first.cookie);

	forget(new);
	*new = *old;
	new->left_out = false;
	old->waited = old->called = old->lost = (struct when){.words = 0};
	old->left_out = old->gone = true;
}

bool connection_is_there(const struct connection *connection, const void *unused)
{
	(void)unused;
	return !connection->gone;
}

void connections_keep(struct connections *connections,
	bool (*wanted)(const struct connection *connection, const void *context),
	const void *context, uint32_t *was)
{
	size_t kept = 0;

	for (size_t i = 0; i < connections->count; i++) {
		if (!wanted(&connections->of[i], context)) {
			forget(&connections->of[i]);
			continue;
		}
		if (was)
			was[kept] = (uint32_t)i;
		connections->of[kept++] = connections->of[i];
	}
	if (kept == connections->count)
		return;
	connections->count = kept;
	make_slots(connections);
}

void connections_free(struct connections *connections)
{
	for (size_t i = 0; i < connections->count; i++)
		forget(&connections->of[i]);
	free(connections->of);
	free(connections->slot);
	*connections = (struct connections){.count = 0};
}
