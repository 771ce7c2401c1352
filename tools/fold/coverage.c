/* What share of the bytes we saw, by the kernel's own counters when connections were closed. One
 * connection may be in several processes' hands (fork, exec): what each saw is added up and held
 * against the last one's counters. What we saw of connections that the kernel was not asked about
 * (killed, still open) is a part of the whole that nobody vouches for. */
#include <stdlib.h>
#include <string.h>

#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

/* SYN and FIN count as a byte each, in places. */
#define CONTROL_BYTES 2u

/* What makes two processes' connections the same one, while both are open. */
struct ends {
	uint8_t peer[16], local[16];
	uint16_t peer_port, local_port;
	uint16_t spare[2];
};

struct holder {
	struct ends ends;
	const struct trace_connection *connection;
};

static int compare_holders(const void *left, const void *right)
{
	const struct holder *a = left, *b = right;
	const int order = memcmp(&a->ends, &b->ends, sizeof(a->ends));

	if (order)
		return order;
	return a->connection->opened < b->connection->opened
		       ? -1
		       : a->connection->opened > b->connection->opened;
}

static struct holder holder_of(const struct trace_connection *connection)
{
	struct holder holder = {.connection = connection};

	memcpy(holder.ends.peer, connection->peer, sizeof(holder.ends.peer));
	memcpy(holder.ends.local, connection->local, sizeof(holder.ends.local));
	holder.ends.peer_port = connection->peer_port;
	holder.ends.local_port = connection->local_port;
	return holder;
}

/* Adds what we saw of what the kernel moved. A surplus of ours (data that was peeked at) is none.
 */
static void add_direction(struct fold *fold, uint64_t seen, uint64_t kernel)
{
	if (kernel > seen && kernel - seen <= CONTROL_BYTES)
		kernel = seen;
	if (kernel >= UINT64_MAX / 4 || fold->bytes_kernel >= UINT64_MAX / 2)
		return; /* damage */
	fold->bytes_kernel += kernel;
	fold->bytes_seen += seen < kernel ? seen : kernel;
}

/* Nobody saw it end. */
static void add_unasked(
	struct fold *fold, const struct trace_connection *connection, uint64_t bytes)
{
	if ((!bytes && !connection->connected) || bytes >= UINT64_MAX / 4 ||
		fold->bytes_unasked >= UINT64_MAX / 2)
		return;
	fold->unasked++;
	fold->bytes_unasked += bytes;
}

/* Of connections that are one: what all saw, and what the kernel said last. */
static void add_connection(struct fold *fold, const struct holder *holder, size_t holders)
{
	const struct trace_connection *last = NULL;
	uint64_t written = 0, read = 0;

	for (size_t i = 0; i < holders; i++) {
		const struct trace_connection *connection = holder[i].connection;
		written += connection->bytes_written;
		read += connection->bytes_read;
		if (connection->at_close.taken &&
			(!last || connection->at_close.taken >= last->at_close.taken))
			last = connection;
	}
	if (!last) {
		add_unasked(fold, holder->connection, written + read);
		return;
	}
	if (fold->coverage < 0)
		fold->coverage = 1;
	/* unsent is SIOCOUTQ: all that was written and not acknowledged (tcp(7)). */
	add_direction(fold, written, last->at_close.bytes_acked + last->unsent);
	add_direction(fold, read,
		last->at_close.bytes_received > last->unread
			? last->at_close.bytes_received - last->unread
			: 0);
}

/* How many at the beginning are the same connection. */
static size_t count_same(const struct holder *holder, size_t holders)
{
	uint64_t end = 0;
	size_t same = 0;

	for (; same < holders; same++) {
		const struct trace_connection *connection = holder[same].connection;
		if (same && (!holder->ends.local_port ||
				    memcmp(&holder->ends, &holder[same].ends,
					    sizeof(holder->ends)) != 0 ||
				    connection->opened >= end))
			break;
		const uint64_t closed = connection->closed ? connection->closed : UINT64_MAX;
		end = closed > end ? closed : end;
	}
	return same;
}

void coverage_take(struct fold *fold)
{
	struct holder *holder = memory_take(fold->flows, sizeof(*holder));
	size_t holders = 0;

	fold->coverage = -1;
	for (size_t f = 0; f < fold->flows; f++)
		if (fold->flow[f].connection->role != ROLE_OF_LISTENER)
			holder[holders++] = holder_of(fold->flow[f].connection);
	qsort(holder, holders, sizeof(*holder), compare_holders);
	for (size_t first = 0, same; first < holders; first += same) {
		same = count_same(&holder[first], holders - first);
		add_connection(fold, &holder[first], same);
	}
	if (fold->run->imported.what)
		fold->coverage = fold->run->imported.partly ? -1 : 1;
	else if (fold->bytes_kernel)
		fold->coverage = (double)fold->bytes_seen /
				 ((double)fold->bytes_kernel + (double)fold->bytes_unasked);
	else if (fold->bytes_unasked)
		fold->coverage = -1;
	free(holder);
}
