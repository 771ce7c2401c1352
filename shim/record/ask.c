/* What the kernel says of a connection: its counters, its options, its queues. Must not change the
 * connection, and must keep errno. What a kernel does not tell is left out, so that nobody takes a
 * guess for an answer. */
#include "shim/record/ask.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "shim/base/clock.h"
#include "shim/base/kernel.h"
#include "shim/base/valgrind.h"

#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72
#endif

static bool ask(int fd, int level, int name, void *value, socklen_t size)
{
	return kernel_call(SYS_getsockopt, fd, level, name, value, &size) == 0;
}

bool trace_tcp_take(int fd, struct trace_tcp *tcp)
{
	struct tcp_info info = {.tcpi_min_rtt = UINT32_MAX};

	if (!ask(fd, IPPROTO_TCP, TCP_INFO, &info, sizeof(info)))
		return false;
	*tcp = (struct trace_tcp){
		.taken = clock_now(),
		.bytes_sent = info.tcpi_bytes_sent,
		.bytes_acked = info.tcpi_bytes_acked,
		.bytes_received = info.tcpi_bytes_received,
		.busy_us = info.tcpi_busy_time,
		.rwnd_limited_us = info.tcpi_rwnd_limited,
		.sndbuf_limited_us = info.tcpi_sndbuf_limited,
		.min_rtt_us = info.tcpi_min_rtt,
		.rtt_us = info.tcpi_rtt,
		.total_retrans = info.tcpi_total_retrans,
		.unacked = info.tcpi_unacked,
		.sacked = info.tcpi_sacked,
		.snd_cwnd = info.tcpi_snd_cwnd,
		.snd_mss = info.tcpi_snd_mss,
		.rcv_space = info.tcpi_rcv_space,
		.segs_out = info.tcpi_segs_out,
		.segs_in = info.tcpi_segs_in,
		.data_segs_out = info.tcpi_data_segs_out,
		.data_segs_in = info.tcpi_data_segs_in,
		.state = info.tcpi_state,
		.last_sent_ms = info.tcpi_last_data_sent,
	};
	return true;
}

static int32_t number_of(int fd, int level, int name)
{
	int32_t value;

	return ask(fd, level, name, &value, sizeof(value)) ? value : -1;
}

void trace_options_take(int fd, struct trace_options *options)
{
	struct linger linger = {0, 0};

	options->nodelay = number_of(fd, IPPROTO_TCP, TCP_NODELAY);
	options->cork = number_of(fd, IPPROTO_TCP, TCP_CORK);
	options->quickack = number_of(fd, IPPROTO_TCP, TCP_QUICKACK);
	options->sndbuf = number_of(fd, SOL_SOCKET, SO_SNDBUF);
	options->rcvbuf = number_of(fd, SOL_SOCKET, SO_RCVBUF);
	options->buf_lock = number_of(fd, SOL_SOCKET, SO_BUF_LOCK);
	options->keepalive = number_of(fd, SOL_SOCKET, SO_KEEPALIVE);
	options->keepidle = number_of(fd, IPPROTO_TCP, TCP_KEEPIDLE);
	options->user_timeout = number_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT);
	ask(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	options->linger = linger.l_onoff ? linger.l_linger : -1;
	ask(fd, IPPROTO_TCP, TCP_CONGESTION, options->congestion, sizeof(options->congestion) - 1);
}

/* The same number in two places, and valgrind knows but this one. Linux 4.6. */
static uint32_t unsent(int fd)
{
	struct tcp_info info = {0};

	return ask(fd, IPPROTO_TCP, TCP_INFO, &info, sizeof(info)) ? info.tcpi_notsent_bytes : 0;
}

uint32_t trace_queued(int fd, unsigned long request)
{
	int bytes = 0;

	if (request == SIOCOUTQNSD && valgrind_runs())
		return unsent(fd);
	return kernel_call(SYS_ioctl, fd, request, &bytes) == 0 ? (uint32_t)bytes : 0;
}
