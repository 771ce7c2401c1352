/* The connections of a run as one side has them, in an order in which the other side's can be
 * found. What several processes hold at a time (fork) is one connection. Knows nothing of the other
 * run. */
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/both/both_parts.h"

static bool is_of(const struct trace_connection *connection, enum both_side side)
{
	const uint8_t role = side == BOTH_CLIENT ? ROLE_OF_CLIENT : ROLE_OF_SERVER;

	return connection->number &&
	       (connection->role == role || connection->role == ROLE_OF_UNKNOWN) &&
	       connection->local_port && connection->peer_port &&
	       (connection->bytes_written || connection->bytes_read);
}

static struct both_end end_of(const struct trace_connection *connection, enum both_side side)
{
	const bool client = side == BOTH_CLIENT;
	struct both_end end = {
		.client_port = client ? connection->local_port : connection->peer_port,
		.server_port = client ? connection->peer_port : connection->local_port,
		.began = connection->connected ? connection->connected : connection->opened,
		.ended = connection->closed ? connection->closed : UINT64_MAX,
		.written = connection->bytes_written,
		.read = connection->bytes_read,
		.members = 1,
	};

	memcpy(end.client, client ? connection->local : connection->peer, sizeof(end.client));
	memcpy(end.server, client ? connection->peer : connection->local, sizeof(end.server));
	return end;
}

int ends_compare(const struct both_end *one, const struct both_end *other)
{
	const int client = memcmp(one->client, other->client, sizeof(one->client));
	const int server = memcmp(one->server, other->server, sizeof(one->server));

	if (client || server)
		return client ? client : server;
	if (one->client_port != other->client_port)
		return one->client_port < other->client_port ? -1 : 1;
	return (one->server_port > other->server_port) - (one->server_port < other->server_port);
}

/* One of them, while it is alone. */
struct single {
	struct both_end end;
	struct both_member member;
};

static int compare_singles(const void *left, const void *right)
{
	const struct single *one = left, *other = right;
	const int order = ends_compare(&one->end, &other->end);

	if (order)
		return order;
	return (one->end.began > other->end.began) - (one->end.began < other->end.began);
}

static struct single *singles_take(const struct run *run, enum both_side side, size_t *count)
{
	struct single *single = NULL;

	*count = 0;
	for (size_t p = 0; p < run->processes; p++)
		for (size_t c = 0; c < run->process[p].connections; c++) {
			const struct trace_connection *connection = &run->process[p].connection[c];
			if (!is_of(connection, side))
				continue;
			single = memory_grow(single, *count, sizeof(*single));
			single[(*count)++] = (struct single){
				end_of(connection, side), {&run->process[p], connection}};
		}
	if (*count)
		qsort(single, *count, sizeof(*single), compare_singles);
	return single;
}

/* Two processes' hands on one connection, not one after the other. */
static bool is_same(const struct both_end *end, const struct single *next)
{
	const struct both_member *last = &end->member[end->members - 1];

	return ends_compare(end, &next->end) == 0 && last->process != next->member.process &&
	       next->end.began < end->ended;
}

static void end_join(struct both_end *end, const struct both_end *next)
{
	end->members++;
	end->written += next->written;
	end->read += next->read;
	if (end->ended != UINT64_MAX && next->ended > end->ended)
		end->ended = next->ended;
}

struct both_list *list_take(const struct run *run, enum both_side side)
{
	struct both_list *list = memory_take(1, sizeof(*list));
	struct single *single = singles_take(run, side, &list->members);

	list->run = run;
	list->member = memory_take(list->members, sizeof(*list->member));
	list->end = memory_take(list->members, sizeof(*list->end));
	for (size_t i = 0; i < list->members; i++) {
		struct both_end *last = list->ends ? &list->end[list->ends - 1] : NULL;

		list->member[i] = single[i].member;
		if (last && is_same(last, &single[i])) {
			end_join(last, &single[i].end);
			continue;
		}
		list->end[list->ends] = single[i].end;
		list->end[list->ends++].member = &list->member[i];
	}
	free(single);
	return list;
}

void list_free(struct both_list *list)
{
	if (!list)
		return;
	free(list->end);
	free(list->member);
	free(list);
}

/* Two that nobody knows the role of are none. */
bool ends_know(const struct both_end *client, const struct both_end *server)
{
	return client->member->connection->role != ROLE_OF_UNKNOWN ||
	       server->member->connection->role != ROLE_OF_UNKNOWN;
}

/* Of what one wrote the other may have left something unread, never the other way round. */
bool ends_agree(const struct both_end *client, const struct both_end *server)
{
	return ends_know(client, server) && server->read <= client->written &&
	       client->read <= server->written;
}
