/* The members of a connection that a text may set, by their names in shim/trace_format.h: one that
 * a test wants to set has to stand in a table here. */
#include "trace_text_keys.h"

#include <string.h>

#include "trace_text.h"
#include "trace_text_value.h"

static bool set_tcp(struct trace_tcp *tcp, const char *name, size_t length, const char **value)
{
#define M(name) TRACE_TEXT_MEMBER(trace_tcp, name)
	static const struct trace_text_member member[] = {M(taken), M(bytes_sent), M(bytes_acked),
		M(bytes_received), M(busy_us), M(rwnd_limited_us), M(sndbuf_limited_us),
		M(min_rtt_us), M(rtt_us), M(total_retrans), M(unacked), M(sacked), M(last_sent_ms),
		M(snd_cwnd), M(snd_mss), M(rcv_space), M(segs_out), M(segs_in), M(data_segs_out),
		M(data_segs_in), M(state)};
#undef M
	return trace_text_set(tcp, member, TRACE_TEXT_COUNT(member), name, length, value);
}

static bool set_option(
	struct trace_options *options, const char *name, size_t length, const char **value)
{
#define M(name) TRACE_TEXT_MEMBER(trace_options, name)
	static const struct trace_text_member member[] = {M(nodelay), M(cork), M(quickack),
		M(sndbuf), M(rcvbuf), M(buf_lock), M(keepalive), M(keepidle), M(user_timeout),
		M(linger)};
#undef M
	return trace_text_set(options, member, TRACE_TEXT_COUNT(member), name, length, value);
}

static bool set_own(
	struct trace_connection *connection, const char *name, size_t length, const char **value)
{
#define M(name) TRACE_TEXT_MEMBER(trace_connection, name)
	static const struct trace_text_member member[] = {M(role), M(family), M(peer_port),
		M(local_port), M(port), M(connect_error), M(opened), M(connecting), M(connected),
		M(closed), M(backlog), M(backlog_set), M(queue_peak), M(queue_limit), M(unread),
		M(unsent), M(theirs), M(ours), M(writes), M(reads), M(bytes_written), M(bytes_read),
		M(holds), M(late), M(late_ns), M(slow_ns), M(acks_learnt), M(acks_dropped),
		M(acks_won), M(nagle_kept), M(nagle_waited), M(given_up), M(proven), M(accepted),
		M(fdopened)};
#undef M
	return trace_text_set(connection, member, TRACE_TEXT_COUNT(member), name, length, value);
}

/* Where the key is by its first four letters; false: there is no such member. */
static bool set_key(
	struct trace_connection *connection, const char *name, size_t length, const char **value)
{
	if (strncmp(name, "tcp.", 4) == 0)
		return set_tcp(&connection->at_close, name + 4, length - 4, value);
	if (strncmp(name, "opt.", 4) == 0)
		return set_option(&connection->options, name + 4, length - 4, value);
	if (strncmp(name, "syn.", 4) != 0)
		return set_own(connection, name, length, value);
	if (!set_tcp(&connection->at_connect, name + 4, length - 4, value))
		return false;
	if (!connection->at_connect.taken)
		connection->at_connect.taken = TRACE_TEXT_BEGAN;
	return true;
}

void trace_text_keys(
	struct trace_text_process *process, struct trace_connection *connection, const char *at)
{
	while (*(at += strspn(at, " \t"))) {
		const size_t length = strcspn(at, "= \t");
		const char *value = at + length + 1;

		if (length == 7 && memcmp(at, "unasked", length) == 0) {
			process->unasked[connection->number - 1] = true;
			at += length;
			continue;
		}
		if (at[length] != '=')
			trace_text_fail("no value", at);
		if (!set_key(connection, at, length, &value))
			trace_text_fail("no such key", at);
		at = value;
	}
}
