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
	socket->tcp = (struct socket_tcp){
		.mss = tcp.tcpi_snd_mss,
		.unacked = tcp.tcpi_unacked,
		.unsent = tcp.tcpi_notsent_bytes,
		.window =
			length < offsetof(struct tcp_info, tcpi_snd_wnd) + sizeof(tcp.tcpi_snd_wnd)
				? UINT32_MAX
				: tcp.tcpi_snd_wnd,
		.congested = tcp.tcpi_snd_cwnd,
		.again = tcp.tcpi_retransmits,
		.silent_ms = tcp.tcpi_last_data_sent,
		.busy_us = tcp.tcpi_busy_time,
		.window_us = tcp.tcpi_rwnd_limited,
		.buffer_us = tcp.tcpi_sndbuf_limited,
		.sent_again = tcp.tcpi_total_retrans,
		.needless = tcp.tcpi_dsack_dups,
		.quiet_ms = tcp.tcpi_last_data_recv,
		.way_us = tcp.tcpi_min_rtt == UINT32_MAX ? 0 : tcp.tcpi_min_rtt,
		.answers = tcp.tcpi_data_segs_in,
		.segments = tcp.tcpi_data_segs_out,
	};
}

void tcp_take_own(struct socket_state *socket, const void *info, size_t length)
{
	struct tcp_info tcp = {.tcpi_state = 0};

	memcpy(&tcp, info, length < sizeof(tcp) ? length : sizeof(tcp));
	tcp_take(socket, info, length);
	socket->state = tcp.tcpi_state;
	if (tcp.tcpi_state != TCP_IS_LISTENING)
		return;
	/* net/ipv4/tcp.c, tcp_get_info: of a listener these two stand for its queue */
	socket->waiting = tcp.tcpi_unacked;
	socket->room = tcp.tcpi_sacked;
	socket->tcp = (struct socket_tcp){.mss = 0};
}
