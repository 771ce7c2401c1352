/* Makes a flow ready to collect. Must not send, nor know turns: that is flow/flush.c's. */
#include "shim/settle/collect.h"

#include <linux/tcp.h>
#include <stddef.h>

#include "shim/table/buffer.h"
#include "shim/settle/sockopt.h"
#include "shim/table/fdtab.h"

/* False on a kernel that does not count bytes (before Linux 4.19). */
static bool counts_bytes(int fd, struct tcp_info *info)
{
	return sockopt_info(fd, info) >=
	       offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof(info->tcpi_bytes_retrans);
}

/* tcpi_bytes_sent counts what was sent again, too (include/uapi/linux/tcp.h). */
int64_t collect_taken(int fd)
{
	struct tcp_info info;

	if (!counts_bytes(fd, &info))
		return -1;
	return (int64_t)(info.tcpi_bytes_sent - info.tcpi_bytes_retrans + info.tcpi_notsent_bytes);
}

/* Where a signal handler ends a flush in its middle, only the socket's count tells what has gone:
 * without it bytes would go twice. And one that comes from elsewhere may have been shut for writing
 * there; the kernel is to say so. The states by their numbers in include/net/tcp_states.h:
 * FIN_WAIT1 and 2, LAST_ACK, CLOSING. */
static bool may_collect(int fd)
{
	struct tcp_info info;

	return counts_bytes(fd, &info) &&
	       !(1u << info.tcpi_state & (1u << 4 | 1u << 5 | 1u << 9 | 1u << 11));
}

bool collect_begin(struct flow *flow, int fd, uint32_t limit)
{
	struct buffer *buffer = flow->buffer;
	uint64_t cookie = sockopt_cookie(fd);

	/* Without a cookie a second name of it would be another connection. */
	if (!cookie || !may_collect(fd))
		return false;
	if (!buffer || buffer->size < limit)
		buffer = buffer_new(limit);
	if (!buffer)
		return false;
	if (flow->buffer)
		buffer->collected = flow->buffer->collected;
	buffer_reset(buffer, limit);
	atomic_store(&buffer->writers, 0);
	flow->buffer = buffer;
	flow->held_fd = fd;
	flow_set_cookie(flow, cookie);
	flow_mark(flow, FLOW_COLLECTS);
	return true;
}
