/* The only file that knows linux/tcp.h. */
#include "tools/live/tcp.h"

#include <linux/tcp.h>
#include <string.h>

void tcp_take(struct socket_state *socket, const void *info, size_t length)
{
	struct tcp_info tcp = {.tcpi_state = 0};

	memcpy(&tcp, info, length < sizeof(tcp) ? length : sizeof(tcp));
	socket->sent = tcp.tcpi_bytes_acked;
	socket->received = tcp.tcpi_bytes_received;
}
