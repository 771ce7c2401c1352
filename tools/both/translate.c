/* Which connection is which where a NAT has changed the addresses: by bytes, a port and the time of
 * day. Two that may be the same are none: a wrong pair would be worse than no pair. */
#include "tools/both/both_parts.h"

/* So many of each side are held against each other. */
#define TRANSLATED 2000

/* One port at least is the same, all bytes are, and both began at about one time of day. */
static bool is_translation(
	const struct both_end *client, const struct both_end *server, int64_t guess)
{
	return !server->paired && ends_equal(client, server) && ends_agree(client, server) &&
	       client->written && client->read &&
	       (client->server_port == server->server_port ||
		       client->client_port == server->client_port) &&
	       match_distance(ends_apart(client, server), guess) < (uint64_t)NEAR;
}

/* The only one there is; NULL: none, or several. */
static struct both_end *only_server(
	const struct both_end *client, struct both_list *server, int64_t guess)
{
	struct both_end *only = NULL;

	for (size_t s = 0; s < server->ends; s++)
		if (is_translation(client, &server->end[s], guess)) {
			if (only)
				return NULL;
			only = &server->end[s];
		}
	return only;
}

static bool is_only_client(
	const struct both_list *client, const struct both_end *server, int64_t guess)
{
	size_t count = 0;

	for (size_t c = 0; c < client->ends && count < 2; c++)
		count += is_translation(&client->end[c], server, guess);
	return count == 1;
}

void match_translated(struct both_match *match, struct both_list *list[BOTH_SIDES])
{
	struct both_list *client = list[BOTH_CLIENT], *server = list[BOTH_SERVER];
	const int64_t guess = match_by_wall(list);

	if (guess == NOT_KNOWN || client->run == server->run || client->ends > TRANSLATED ||
		server->ends > TRANSLATED)
		return;
	for (size_t c = 0; c < client->ends; c++) {
		struct both_end *only = only_server(&client->end[c], server, guess);
		if (only && is_only_client(client, only, guess))
			pairs_add(match, &client->end[c], only);
	}
	match->translated = match->count > 0;
}
