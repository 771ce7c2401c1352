/* What the kernel said of a connection at its end, as far as that can be known. */
#include "tools/fold/said.h"

enum { DEAD = 7 /* TCP_CLOSE */ };

/* The clocks came with Linux 4.10; a zero of a kernel that did not even count what it sent (4.19)
 * says nothing. */
static bool has_clocks(const struct trace_tcp *tcp)
{
	return tcp->taken && (tcp->busy_us || tcp->bytes_sent || tcp->bytes_acked <= 1);
}

/* Of what is queued, the part that is on the way is what was sent and not acknowledged: known as
 * long as nothing was sent twice. Who connects has its SYN acknowledged as a byte. */
static int64_t notsent_of(const struct trace_connection *connection)
{
	const struct trace_tcp *tcp = &connection->at_close;
	const uint64_t syn = connection->role == ROLE_OF_CLIENT && tcp->bytes_acked > 0;
	const uint64_t acked = tcp->bytes_acked - syn;

	if (!tcp->unacked || !connection->unsent)
		return connection->unsent;
	if (connection->role == ROLE_OF_UNKNOWN || tcp->total_retrans || tcp->bytes_sent < acked ||
		tcp->bytes_sent - acked > connection->unsent || !tcp->bytes_sent)
		return -1;
	return (int64_t)(connection->unsent - (tcp->bytes_sent - acked));
}

struct kernel_said kernel_said(const struct trace_connection *connection)
{
	const struct trace_tcp *tcp = &connection->at_close;
	struct kernel_said said = {-1, -1, -1, -1, -1, -1};

	if (has_clocks(tcp)) {
		said.busy_us = (int64_t)tcp->busy_us;
		said.rwnd_limited_us = (int64_t)tcp->rwnd_limited_us;
		said.sndbuf_limited_us = (int64_t)tcp->sndbuf_limited_us;
	}
	/* The library does not ask the dead for their queue. */
	if (tcp->taken && tcp->state != DEAD) {
		said.queued = connection->unsent;
		said.notsent = notsent_of(connection);
	}
	if (tcp->taken)
		said.unacked = tcp->unacked;
	return said;
}
