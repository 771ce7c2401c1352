/* Who is the client of two runs, and which of their connections are pairs: in an order in which
 * those that share a way stand together. */
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/both/both_parts.h"

/* SYN and FIN count as a byte each, in places. */
#define CONTROL_BYTES 2u

/* By the server, then by the client, so that who shares a way stands together. */
static int compare_pairs(const void *left, const void *right)
{
	const struct both_pair *one = left, *other = right;
	const struct trace_connection *a = one->member[BOTH_CLIENT]->connection;
	const struct trace_connection *b = other->member[BOTH_CLIENT]->connection;
	int order = memcmp(a->peer, b->peer, sizeof(a->peer));

	if (!order)
		order = (a->peer_port > b->peer_port) - (a->peer_port < b->peer_port);
	if (!order)
		order = memcmp(a->local, b->local, sizeof(a->local));
	return order ? order : (a->opened > b->opened) - (a->opened < b->opened);
}

/* Whether the kernel moved more than what all that have it saw. */
static bool went_past(const struct both_end *end)
{
	const struct trace_connection *last = end->member[end->members - 1].connection;
	const struct trace_tcp *tcp = &last->at_close;

	if (!tcp->taken)
		return false;
	return tcp->bytes_acked + last->unsent > end->written + CONTROL_BYTES ||
	       tcp->bytes_received > end->read + last->unread + CONTROL_BYTES;
}

static void pair_add(struct both *both, const struct both_found *found)
{
	struct both_pair *pair = &both->pair[both->pairs++];

	for (int side = 0; side < BOTH_SIDES; side++) {
		pair->member[side] = found->end[side]->member;
		pair->members[side] = found->end[side]->members;
		if (went_past(found->end[side]))
			pair->why = BOTH_UNSEEN;
	}
	if (!ends_agree(found->end[BOTH_CLIENT], found->end[BOTH_SERVER]))
		pair->why = BOTH_UNSEEN;
}

static const struct trace_connection *lone_of(const struct both_list *list)
{
	for (size_t i = 0; i < list->ends; i++)
		if (!list->end[i].paired)
			return list->end[i].member->connection;
	return NULL;
}

/* Who is the client: of both ways that in which more is the same. */
void pairs_take(struct both *both, const struct run *run[2])
{
	struct both_match match[2];
	int way;

	for (int i = 0; i < 2; i++) {
		both->list[i][BOTH_CLIENT] = list_take(run[i], BOTH_CLIENT);
		both->list[i][BOTH_SERVER] = list_take(run[!i], BOTH_SERVER);
		match_take(&match[i], both->list[i]);
	}
	if (!match[0].count && !match[1].count)
		for (int i = 0; i < 2; i++)
			match_translated(&match[i], both->list[i]);
	way = match[1].count > match[0].count;
	/* Where nothing is the same it is the one that connected to more. */
	if (!match[0].count && !match[1].count)
		way = both->list[1][BOTH_CLIENT]->ends > both->list[0][BOTH_CLIENT]->ends;
	both->swapped = way;
	both->other_way = run[0] == run[1] ? 0 : match[!way].count;
	both->unsure = match[way].unsure;
	both->translated = match[way].translated;
	both->pair = memory_take(match[way].count, sizeof(*both->pair));
	for (size_t i = 0; i < match[way].count; i++)
		pair_add(both, &match[way].found[i]);
	for (int side = 0; side < BOTH_SIDES; side++) {
		both->run[side] = run[side ? !way : way];
		both->known[side] = both->list[way][side]->ends;
		both->lone[side] = lone_of(both->list[way][side]);
	}
	if (both->pairs)
		qsort(both->pair, both->pairs, sizeof(*both->pair), compare_pairs);
	free(match[0].found);
	free(match[1].found);
}
