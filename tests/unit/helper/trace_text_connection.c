/* Begins the connections of a text: role, address and ports, and what a new one has otherwise. */
#include "trace_text_connection.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace_text_keys.h"
#include "trace_text_value.h"

/* "10.0.0.1:143", "[::1]:80", "8000" into the connection; returns what comes after. */
static const char *read_address(struct trace_connection *connection, const char *at)
{
	const char *end = at + strcspn(at, " \t"), *port = end;
	char address[64] = "192.0.2.9";

	while (port > at && port[-1] != ':')
		port--;
	if (port > at)
		snprintf(address, sizeof(address), "%.*s", (int)(port - 1 - at), at);
	connection->port = (uint16_t)strtoul(port, NULL, 10);
	connection->family = *address == '[' ? 6 : 4;
	memset(connection->peer, 0, sizeof(connection->peer));
	if (*address == '[') {
		address[strcspn(address, "]")] = '\0';
		if (inet_pton(AF_INET6, address + 1, connection->peer) != 1)
			trace_text_fail("no address", at);
		return end;
	}
	memset(connection->peer + 10, 0xff, 2);
	if (inet_pton(AF_INET, address, connection->peer + 12) != 1)
		trace_text_fail("no address", at);
	return end;
}

void trace_text_connection(struct trace_text *text, uint8_t role, const char *at)
{
	const uint64_t number = (uint64_t)trace_text_number(&at);
	struct trace_text_process *process = text->now;

	if (!number || number > TRACE_TEXT_MOST)
		trace_text_fail("no number of a connection", at);
	struct trace_connection *connection = &process->connection[number - 1];
	if (number > process->connections)
		process->connections = (size_t)number;
	connection->number = (uint32_t)number;
	connection->role = role;
	connection->opened = text->thread->clock;
	if (role != ROLE_OF_LISTENER)
		connection->connected = text->thread->clock;
	connection->at_connect.min_rtt_us = connection->at_close.min_rtt_us = UINT32_MAX;
	connection->at_close.snd_mss = 1448;
	connection->options = (struct trace_options){0, 0, -1, -1, -1, -1, 0, -1, -1, -1, "cubic"};
	at = read_address(connection, at + strspn(at, " \t"));
	connection->peer_port =
		(uint16_t)(role == ROLE_OF_SERVER ? 50000 + number : connection->port);
	connection->local_port =
		(uint16_t)(role == ROLE_OF_CLIENT ? 40000 + number : connection->port);
	trace_text_keys(process, connection, at);
}
