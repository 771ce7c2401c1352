/* What the parts of a turn, its ends and its connections are called. Prints nothing. */
#include <stdio.h>

#include "tools/base/ip_text.h"
#include "tools/show/both.h"

static const struct {
	const char *name, *key;
} part_table[BOTH_PARTS] = {
	[BOTH_IN_CLIENT] = {"client", "client"},
	[BOTH_ON_WAY] = {"way", "way"},
	[BOTH_IN_SERVER] = {"server", "server"},
	[BOTH_HELD_CLIENT] = {"held by the client", "held_client"},
	[BOTH_ACK_SERVER] = {"ACK withheld by the server", "ack_server"},
	[BOTH_HELD_SERVER] = {"held by the server", "held_server"},
	[BOTH_ACK_CLIENT] = {"ACK withheld by the client", "ack_client"},
	[BOTH_SLOW] = {"slow on the way", "slow"},
	[BOTH_NOT_SPLIT] = {"not split", "not_split"},
};

const char *both_part_name(enum both_part part)
{
	return part_table[part].name;
}

const char *both_part_key(enum both_part part)
{
	return part_table[part].key;
}

const char *both_side_name(enum both_side side)
{
	return side == BOTH_CLIENT ? "client" : "server";
}

const char *both_why_text(enum both_why why)
{
	static const char *const text[BOTH_WHYS] = {
		[BOTH_SPLIT] = "",
		[BOTH_UNSEEN] = "bytes went past the recording at one end",
		[BOTH_ENDLESS] = "one end's recording does not have the other's turns",
		[BOTH_ONE_WAY] = "no answer ever came",
	};

	return text[why];
}

char *both_pair_text(char text[BOTH_PAIR_TEXT], const struct both_pair *pair)
{
	const struct trace_connection *client = pair->member[BOTH_CLIENT]->connection;
	char from[IP_TEXT_ENDPOINT], to[IP_TEXT_ENDPOINT];

	ip_text_endpoint(from, client->local, client->local_port);
	ip_text_endpoint(to, client->peer, client->peer_port);
	snprintf(text, BOTH_PAIR_TEXT, "%s -> %s", from, to);
	return text;
}
