/* Connections of a trace file, each checked before it is kept: no number leads out of the table,
 * no time runs before the one that must come first. The table is never larger than the file. */
#include <stdlib.h>
#include <string.h>

#include "tools/read/file.h"
#include "tools/base/harmless.h"
#include "tools/base/memory.h"

/* What the kernel's clocks may show beyond the time between two looks at them, us: its ticks. */
#define TICKS_US UINT64_C(1000000)

/* A time may be missing (0) or lie from `least` on and before `end`; what is no such time is put to
 * 0. */
static void check_time(uint64_t *time, uint64_t least, uint64_t end, size_t *wrong)
{
	if (!*time || (time_settle(time, least) && *time < end))
		return;
	*time = 0;
	(*wrong)++;
}

static bool is_tcp(const struct trace_tcp *tcp)
{
	return tcp->taken < TIME_NEVER && tcp->bytes_sent < BYTES_MOST &&
	       tcp->bytes_acked < BYTES_MOST && tcp->bytes_received < BYTES_MOST &&
	       tcp->busy_us < TIME_LONG / 1000 && tcp->rwnd_limited_us < TIME_LONG / 1000 &&
	       tcp->sndbuf_limited_us < TIME_LONG / 1000;
}

/* Whether the kernel's clocks of the connection went no further than time did. */
static bool kept_time(const struct trace_tcp *first, const struct trace_tcp *last)
{
	uint64_t most;

	if (!first->taken || !last->taken)
		return true;
	most = (last->taken > first->taken ? last->taken - first->taken : 0) / 1000 + TICKS_US;
	return last->busy_us <= first->busy_us + most &&
	       last->rwnd_limited_us <= first->rwnd_limited_us + most &&
	       last->sndbuf_limited_us <= first->sndbuf_limited_us + most;
}

static void drop_tcp(struct trace_tcp *tcp, size_t *wrong)
{
	memset(tcp, 0, sizeof(*tcp));
	(*wrong)++;
}

static void check_tcp(struct trace_connection *connection, size_t *wrong)
{
	struct trace_tcp *first = &connection->at_connect, *last = &connection->at_close;

	if (!is_tcp(first))
		drop_tcp(first, wrong);
	if (!is_tcp(last) || !kept_time(first, last))
		drop_tcp(last, wrong);
}

/* A count that is none is put to 0. */
static void check_count(_Atomic uint64_t *count, uint64_t most, size_t *wrong)
{
	if (*count < most)
		return;
	*count = 0;
	(*wrong)++;
}

static void check_counts(struct trace_connection *connection, size_t *wrong)
{
	check_count(&connection->writes, COUNT_MOST, wrong);
	check_count(&connection->reads, COUNT_MOST, wrong);
	check_count(&connection->holds, COUNT_MOST, wrong);
	check_count(&connection->late, COUNT_MOST, wrong);
	check_count(&connection->late_ns, COUNT_MOST, wrong);
	check_count(&connection->slow_ns, COUNT_MOST, wrong);
	check_count(&connection->acks_won, COUNT_MOST, wrong);
	check_count(&connection->proven, COUNT_MOST, wrong);
	check_count(&connection->accepted, COUNT_MOST, wrong);
	check_count(&connection->bytes_written, BYTES_MOST, wrong);
	check_count(&connection->bytes_read, BYTES_MOST, wrong);
}

/* Makes what can be mended harmless. */
static void connection_check(struct trace_connection *connection, uint64_t end, size_t *wrong)
{
	if (connection->role < ROLE_OF_CLIENT || connection->role > ROLE_OF_UNKNOWN) {
		connection->role = ROLE_OF_UNKNOWN;
		(*wrong)++;
	}
	if (connection->family != 4 && connection->family != 6) {
		connection->family = 6;
		(*wrong)++;
	}
	if (connection->given_up >= GIVEN_UP_COUNT) {
		connection->given_up = GIVEN_UP_NOT;
		(*wrong)++;
	}
	check_time(&connection->opened, 0, end, wrong);
	check_time(&connection->connecting, connection->opened, end, wrong);
	check_time(&connection->connected, connection->connecting, end, wrong);
	check_time(&connection->closed, connection->opened, end, wrong);
	check_tcp(connection, wrong);
	check_counts(connection, wrong);
	connection->options.congestion[sizeof(connection->options.congestion) - 1] = '\0';
	text_harmless(connection->options.congestion);
}

/* Calls keep() for each connection that has a number in range. */
static void connections_each(struct file *file, const struct file_block *block, size_t blocks,
	void (*keep)(struct run_process *, const struct trace_connection *))
{
	/* Numbers are handed out in order, and each takes a place in some block of the file. */
	const size_t most = (file->process->source.length - 1) / TRACE_BLOCK * TRACE_CONNECTIONS;
	_Alignas(struct trace_connection) unsigned char place[TRACE_CONNECTION];
	struct trace_connection connection;

	for (size_t i = 0; i < blocks; i++) {
		if (block[i].head.kind != BLOCK_CONNECTIONS)
			continue;
		for (size_t part = 0; part < TRACE_CONNECTIONS; part++) {
			if (!file_part(&file->reader, block[i].number, part, place, sizeof(place)))
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

	if (connection->number > process->connections ||
		place->number) { /* a second one of that number */
		process->damaged++;
		return;
	}
	memcpy(place, connection, sizeof(*place));
	connection_check(place, time_end(&process->header), &process->damaged);
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
