/* The table of connections: who, when, and what the kernel says at connect and at close.
 *
 * Asks the kernel only here, by raw calls, at the ends of a connection and at suspicious moments;
 * never on the way of an ordinary read or write. */
#include "shim/record/connection.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

#include "shim/base/address.h"
#include "shim/base/control.h"
#include "shim/base/kernel.h"
#include "shim/record/ask.h"
#include "shim/record/early.h"

#define BUSY	 UINT32_MAX /* of flow.trace.id: another thread makes the place */
#define PATIENCE 10000
#define EACH	 16	   /* accepts between two looks at the listener's queue, */
#define LONG	 10000000u /* or so many ns */

/* Counters of connections that found no room: nobody reads them. */
static struct trace_connection lost;

static void take_end(struct trace_connection *connection, const struct flow *flow, int fd)
{
	trace_tcp_take(fd, &connection->at_close);
	trace_options_take(fd, &connection->options);
	connection->theirs = flow->theirs;
	connection->ours = flow->ours;
	if (connection->role == ROLE_OF_LISTENER)
		return;
	connection->unread = trace_queued(fd, SIOCINQ);
	/* Of a connection that is dead already (refused, reset) the kernel still gives a number. */
	if (connection->at_close.state != 7 /* TCP_CLOSE */)
		connection->unsent = trace_queued(fd, SIOCOUTQ);
}

/* ---- places ---- */

/* Where the next connection goes; NULL: the file has no room. */
static struct trace_connection *place_take(void)
{
	uint64_t places = atomic_load(&trace_self->places);
	char *block;

	for (;;) {
		uint64_t next = places + 1;

		if (places == 0 || (places & 0xff) == TRACE_CONNECTIONS) {
			uint64_t fresh = trace_block_take(BLOCK_CONNECTIONS, 0, 0);

			if (!fresh)
				return NULL;
			next = fresh << 8 | 1;
		}
		if (atomic_compare_exchange_strong(&trace_self->places, &places, next)) {
			block = (char *)(trace_block_at(next >> 8) + 1);
			return (struct trace_connection *)(block +
							   ((next & 0xff) - 1) * TRACE_CONNECTION);
		}
	}
}

static void fill_ends(struct trace_connection *connection, const struct flow *flow, int fd)
{
	if (!address_peer(fd, connection->peer, &connection->peer_port)) {
		memcpy(connection->peer, flow->peer, sizeof(flow->peer));
		connection->peer_port = flow->peer_port;
	}
	address_own(fd, connection->local, &connection->local_port);
	connection->port = flow->port;
}

static enum trace_role role_of(const struct flow *flow)
{
	if (flow_is(flow, FLOW_LISTENS))
		return ROLE_OF_LISTENER;
	if (flow_is(flow, FLOW_SERVER))
		return ROLE_OF_SERVER;
	return flow->port ? ROLE_OF_CLIENT : ROLE_OF_UNKNOWN;
}

static void fill(struct trace_connection *connection, const struct flow *flow, int fd)
{
	connection->role = (uint8_t)role_of(flow);
	connection->family = flow_is(flow, FLOW_V6) ? 6 : 4;
	connection->opened = trace_of(flow)->opened ? trace_of(flow)->opened : clock_now();
	connection->backlog = trace_of(flow)->backlog;
	connection->backlog_set = trace_of(flow)->passed_on;
	connection->fdopened = trace_of(flow)->fdopened;
	connection->given_up = trace_of(flow)->given_up;
	connection->options = (struct trace_options){-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, ""};
	fill_ends(connection, flow, fd);
}

/* Inherited, or from before the fork: connected already. */
static void take_begin(struct trace_connection *connection, int fd)
{
	uint8_t peer[16];
	uint16_t port;

	if (connection->role == ROLE_OF_LISTENER || !address_peer(fd, peer, &port))
		return;
	connection->connected = clock_now();
	trace_tcp_take(fd, &connection->at_connect);
}

static struct trace_connection *place_make(struct flow *flow, int fd)
{
	struct trace_connection *connection = place_take();
	uint32_t number = atomic_fetch_add(&trace_self->numbers, 1) + 1;

	if (connection) {
		fill(connection, flow, fd);
		take_begin(connection, fd);
		atomic_store_explicit(&connection->number, number, memory_order_release);
	} else
		atomic_fetch_add(&trace_self->header->lost_connections, 1);
	trace_of(flow)->number = connection ? number : 0;
	trace_of(flow)->connection = connection ? connection : &lost;
	return trace_of(flow)->connection;
}

struct trace_connection *trace_enter_slow(struct flow *flow, int fd)
{
	struct flow_trace *trace = trace_of(flow);
	bool first = !trace_file_ready();
	uint32_t id, seen;

	if (!trace_begin())
		return NULL;
	id = atomic_load(&trace_self->id);
	for (int looks = 0; looks < PATIENCE; looks++) {
		seen = atomic_load(&trace->id);
		if (seen == id)
			return trace->connection;
		if (seen != BUSY && atomic_compare_exchange_strong(&trace->id, &seen, BUSY)) {
			place_make(flow, fd);
			atomic_store_explicit(&trace->id, id, memory_order_release);
			if (first)
				trace_early_flush();
			return trace->connection;
		}
		kernel_call(SYS_sched_yield);
	}
	return NULL;
}

uint32_t trace_number(struct flow *flow, int fd)
{
	if (!trace_file_ready())
		return trace_early(flow);
	return trace_enter(flow, fd) ? trace_of(flow)->number : 0;
}

/* ---- connecting ---- */

void trace_probe(const struct flow *flow, const struct trace_tcp *tcp)
{
	struct trace_note note = {.call = TRACE_PROBE,
		.flow = trace_of(flow)->number,
		.start = tcp->taken,
		.end = tcp->taken,
		.asked = tcp->total_retrans,
		.done = tcp->last_sent_ms};

	trace_add(&note);
}

static void is_connected(struct trace_connection *connection, struct flow *flow, int fd)
{
	trace_of(flow)->connecting = false;
	if (connection->connected || !trace_tcp_take(fd, &connection->at_connect))
		return;
	connection->connected = connection->at_connect.taken;
	fill_ends(connection, flow, fd);
	trace_probe(flow, &connection->at_connect);
}

void trace_connected(struct flow *flow, int fd, uint64_t start, int error)
{
	struct trace_connection *connection = trace_enter(flow, fd);

	if (!connection)
		return;
	connection->role = ROLE_OF_CLIENT;
	fill_ends(connection, flow, fd);
	if (!connection->connecting)
		connection->connecting = start > connection->opened ? start : connection->opened;
	if (error == 0 || error == EISCONN)
		is_connected(connection, flow, fd);
	else if (error == EINPROGRESS || error == EALREADY || error == EINTR) {
		trace_of(flow)->connecting = true;
	} else {
		connection->connect_error = (uint16_t)error;
		trace_of(flow)->connecting = false;
	}
}

void trace_may_be_connected(struct flow *flow, int fd, bool moved, int error)
{
	struct trace_connection *connection = trace_enter(flow, fd);
	struct trace_tcp tcp;

	if (!connection)
		return;
	if (error > 0) {
		connection->connect_error = (uint16_t)error;
		trace_of(flow)->connecting = false;
		return;
	}
	/* SO_ERROR is 0, too, while the handshake goes on. */
	if (moved || (trace_tcp_take(fd, &tcp) && tcp.state == 1 /* TCP_ESTABLISHED */))
		is_connected(connection, flow, fd);
}

void trace_listens(struct flow *flow, int fd)
{
	if (!trace_has_place(flow))
		return;
	trace_of(flow)->connection->role = ROLE_OF_LISTENER;
	trace_of(flow)->connection->backlog = trace_of(flow)->backlog;
	trace_of(flow)->connection->backlog_set = trace_of(flow)->passed_on;
	fill_ends(trace_of(flow)->connection, flow, fd);
}

/* ---- the end ---- */

void trace_end(enum trace_end end)
{
	int fds = fdtab_end();

	if (!trace_is_on() || !trace_file_ready() || !control_on())
		return;
	for (int fd = 0; fd < fds; fd++) {
		uintptr_t slot = fdtab_get(fd);
		struct flow *flow = slot >= SLOT_FLOW ? fdtab_flow(slot) : NULL;

		if (flow && trace_has_place(flow))
			take_end(trace_of(flow)->connection, flow, fd);
	}
	trace_mark_end(end);
}

/* ---- what flows tell ---- */

static void look_at_queue(struct trace_connection *connection, struct flow *flow, int fd)
{
	uint64_t now = clock_now(), accepted = atomic_fetch_add(&connection->accepted, 1);
	struct trace_tcp tcp;

	if (accepted % EACH && now - trace_of(flow)->looked < LONG)
		return;
	trace_of(flow)->looked = now;
	if (!trace_tcp_take(fd, &tcp))
		return;
	if (tcp.unacked > connection->queue_peak)
		connection->queue_peak = tcp.unacked;
	connection->queue_limit = tcp.sacked;
}

bool trace_accepts(struct flow *listener, int fd)
{
	struct trace_connection *connection = trace_begin() ? trace_enter(listener, fd) : NULL;

	if (connection)
		look_at_queue(connection, listener, fd);
	return connection;
}

void trace_flow_closing(struct flow *flow, int fd)
{
	if (trace_has_place(flow) && atomic_load(&flow->refs) == 1)
		take_end(trace_of(flow)->connection, flow, fd);
}

void trace_flow_closed(struct flow *flow)
{
	if (trace_has_place(flow))
		trace_of(flow)->connection->closed = clock_now();
}

void trace_flow_stdio(struct flow *flow)
{
	trace_of(flow)->fdopened = true;
	if (trace_has_place(flow))
		atomic_store(&trace_of(flow)->connection->fdopened, 1);
}

void trace_flow_given_up(struct flow *flow, enum trace_given_up why)
{
	trace_of(flow)->given_up = (uint8_t)why;
	if (trace_has_place(flow))
		trace_of(flow)->connection->given_up = (uint8_t)why;
}

void trace_flow_held(struct flow *flow)
{
	if (trace_has_place(flow))
		atomic_fetch_add(&trace_of(flow)->connection->holds, 1);
}

void trace_flow_late(struct flow *flow, uint64_t waited)
{
	if (!trace_has_place(flow))
		return;
	atomic_fetch_add(&trace_of(flow)->connection->late, 1);
	atomic_fetch_add(&trace_of(flow)->connection->late_ns, waited);
}

void trace_flow_slow(struct flow *flow, uint64_t waited)
{
	if (trace_has_place(flow))
		atomic_fetch_add(&trace_of(flow)->connection->slow_ns, waited);
}

void trace_flow_acks(struct flow *flow, enum acks_news news)
{
	struct trace_connection *connection = trace_of(flow)->connection;

	if (trace_has_place(flow))
		atomic_fetch_add(
			news == ACKS_LEARNT ? &connection->acks_learnt : &connection->acks_dropped,
			1);
}

void trace_flow_acks_won(struct flow *flow)
{
	if (trace_has_place(flow))
		atomic_fetch_add(&trace_of(flow)->connection->acks_won, 1);
}

void trace_flow_nagle(struct flow *flow, bool kept)
{
	struct trace_connection *connection = trace_of(flow)->connection;

	if (trace_has_place(flow))
		atomic_fetch_add(kept ? &connection->nagle_kept : &connection->nagle_waited, 1);
}
