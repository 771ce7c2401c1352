/* Connections of a trace file, each checked before it is kept: no number leads out of the table,
 * no time runs before the one that must come first. The table is never larger than the file. */
#include <stdlib.h>
#include <string.h>

#include "tools/trace/file.h"
#include "tools/trace/harmless.h"
#include "tools/trace/memory.h"

/* A time may be missing (0) or lie after `least`; what is no such time is put to 0. */
static void check_time(uint64_t *time, uint64_t least, size_t *wrong)
{
	if (!*time || time_settle(time, least))
		return;
	*time = 0;
	(*wrong)++;
}

static void check_tcp(struct trace_tcp *tcp, size_t *wrong)
{
	if (tcp->taken < TIME_NEVER)
		return;
	memset(tcp, 0, sizeof(*tcp));
	(*wrong)++;
}

/* Makes what can be mended harmless. */
static void connection_check(struct trace_connection *connection, size_t *wrong)
{
	if (connection->role < ROLE_OF_CLIENT || connection->role > ROLE_OF_UNKNOWN) {
		connection->role = ROLE_OF_UNKNOWN;
		(*wrong)++;
	}
	if (connection->family != 4 && connection->family != 6) {
		connection->family = 6;
		(*wrong)++;
	}
	check_time(&connection->opened, 0, wrong);
	check_time(&connection->connecting, connection->opened, wrong);
	check_time(&connection->connected, connection->connecting, wrong);
	check_time(&connection->closed, connection->opened, wrong);
	check_tcp(&connection->at_connect, wrong);
	check_tcp(&connection->at_close, wrong);
	connection->options.congestion[sizeof(connection->options.congestion) - 1] = '\0';
	text_harmless(connection->options.congestion);
}

/* Calls keep() for each connection that has a number in range. */
static void connections_each(struct file *file, const struct file_block *block, size_t blocks,
	void (*keep)(struct run_process *, const struct trace_connection *))
{
	/* Numbers are handed out in order, and each takes a place in some block of the file. */
	const size_t most = (file->length - 1) / TRACE_BLOCK * TRACE_CONNECTIONS;
	_Alignas(struct trace_connection) unsigned char place[TRACE_CONNECTION];
	struct trace_connection connection;

	for (size_t i = 0; i < blocks; i++) {
		if (block[i].head.kind != BLOCK_CONNECTIONS)
			continue;
		for (size_t part = 0; part < TRACE_CONNECTIONS; part++) {
			if (!file_part(file, &block[i], part, place, sizeof(place)))
				break;
			memcpy(&connection, place, sizeof(connection));
			if (connection.number > most)
				file->process->damaged++;
			else if (connection.number)
				keep(file->process, &connection);
		}
	}
}

static void count_one(struct run_process *process, const struct trace_connection *connection)
{
	if (connection->number > process->connections)
		process->connections = connection->number;
}

static void keep_one(struct run_process *process, const struct trace_connection *connection)
{
	struct trace_connection *place = &process->connection[connection->number - 1];

	if (place->number) { /* a second one of that number */
		process->damaged++;
		return;
	}
	memcpy(place, connection, sizeof(*place));
	connection_check(place, &process->damaged);
}

void connections_read(struct file *file, const struct file_block *block, size_t blocks)
{
	struct run_process *process = file->process;
	size_t damaged = process->damaged;

	connections_each(file, block, blocks, count_one);
	process->damaged = damaged; /* the second look counts them */
	process->connection = memory_take(process->connections, sizeof(*process->connection));
	connections_each(file, block, blocks, keep_one);
}
