/* The 'no': a sentence for each suspect that is innocent. Says nothing that was not seen: below
 * 95 % coverage, or with a part missing, there are no innocents. */
#include <stdarg.h>
#include <stdio.h>

#include "tools/base/plural.h"
#include "tools/find/judge.h"
#include "tools/read/events.h"

static void __attribute__((format(printf, 3, 4)))
innocent(struct findings *out, const char *label, const char *format, ...)
{
	struct innocent *next = &out->innocent[out->innocents];
	va_list args;

	if (out->innocents == sizeof(out->innocent) / sizeof(*out->innocent))
		return;
	out->innocents++;
	snprintf(next->label, sizeof(next->label), "%s", label);
	va_start(args, format);
	vsnprintf(next->why, sizeof(next->why), format, args);
	va_end(args);
}

struct seen {
	uint64_t turns, single, late, retrans, connects, again, refused, longest_connect;
	uint64_t lookups, lookup_ns, longest_lookup, own_us, peer_us, pauses, rtt;
	uint64_t queue_peak, listeners;
	bool asked; /* the kernel was */
};

static void see_flow(const struct flow_fold *flow, struct seen *seen)
{
	const struct trace_connection *c = flow->connection;

	seen->retrans += beyond(c->at_close.total_retrans, c->at_connect.total_retrans);
	seen->own_us += c->at_close.sndbuf_limited_us;
	seen->peer_us += c->at_close.rwnd_limited_us;
	seen->connects += flow->connect_took > 0;
	seen->refused += c->connect_error != 0;
	seen->again += c->at_connect.total_retrans > 0;
	if (flow->connect_took > seen->longest_connect)
		seen->longest_connect = flow->connect_took;
	if (c->role == ROLE_OF_LISTENER) {
		seen->listeners++;
		if (c->queue_peak > seen->queue_peak)
			seen->queue_peak = c->queue_peak;
	}
	seen->turns += flow->sums.written;
	seen->single += flow->sums.single;
	for (size_t t = 0; flow->sums.pause >= DELAYED_ACK_LOW && t < flow->turns; t++)
		seen->pauses += is_delayed_ack(turn_at(flow, t)->pause);
}

static void see_thread(
	const struct run_process *process, const struct run_thread *thread, struct seen *seen)
{
	struct events events;

	if (!thread_called(thread, CLASS_NAME))
		return;
	events_begin(&events, process, thread);
	while (events_next(&events)) {
		const uint64_t took = event_duration(&events.event);

		if (call_class(events.event.call) != CLASS_NAME)
			continue;
		seen->lookups++;
		seen->lookup_ns += took;
		if (took > seen->longest_lookup)
			seen->longest_lookup = took;
	}
	events_end(&events);
}

static void see_lookups(const struct run *run, struct seen *seen)
{
	for (size_t p = 0; p < run->processes; p++)
		for (size_t t = 0; t < run->process[p].threads; t++)
			see_thread(&run->process[p], &run->process[p].thread[t], seen);
}

static void acquit_waits(struct findings *out, const struct seen *seen)
{
	if (!code_is_found(out, "N01") && !code_is_found(out, "N02") && seen->turns > 0)
		innocent(out, "why not stalled",
			seen->single == seen->turns
				? "one write a turn, %llu of %llu: nothing waits for an ACK"
			: seen->asked
				? "one write in %llu of %llu turns; in no other the kernel held "
				  "one back for long"
				: "one write in %llu of %llu turns; no other waited as for a "
				  "delayed ACK",
			(unsigned long long)seen->single, (unsigned long long)seen->turns);
	if (!code_is_found(out, "N11") && seen->turns > 0)
		innocent(out, "why not its ACKs",
			seen->pauses ? "only %llu answer%s came in two parts 40 ms apart"
				     : "%llu answer%s came in two parts 40 ms apart",
			(unsigned long long)seen->pauses, plural(seen->pauses));
	if (!seen->asked)
		return;
	if (!code_is_found(out, "S09") && seen->retrans == 0)
		innocent(out, "why not the net",
			seen->rtt ? "0 segments sent again, round trip %.2f ms"
				  : "0 segments sent again",
			(double)seen->rtt / 1e6);
	if (!code_is_found(out, "S01") && !code_is_found(out, "S02") && !code_is_found(out, "S03"))
		innocent(out, "why not buffers",
			"the send buffer was the limit for %.1f s, the peer's window for %.1f s",
			(double)seen->own_us / 1e6, (double)seen->peer_us / 1e6);
}

static void acquit(struct findings *out, const struct seen *seen)
{
	acquit_waits(out, seen);
	if (!code_is_found(out, "C01") && !code_is_found(out, "C04") && !seen->connects)
		innocent(out, "why not connects", "it made no connection itself");
	else if (!code_is_found(out, "C01") && !code_is_found(out, "C04") && seen->again == 0)
		innocent(out, "why not connects",
			seen->asked ? "%llu, %llu of them failed; the longest took %.1f ms, no "
				      "SYN was sent again"
				    : "%llu, %llu of them failed; the longest took %.1f ms",
			(unsigned long long)seen->connects, (unsigned long long)seen->refused,
			(double)seen->longest_connect / 1e6);
	if (!code_is_found(out, "C02") && !code_is_found(out, "C03")) {
		if (seen->listeners && !seen->asked)
			;
		else if (seen->listeners)
			innocent(out, "why not accept",
				"%llu listener%s; at most %llu connection%s waited to be accepted",
				(unsigned long long)seen->listeners, plural(seen->listeners),
				(unsigned long long)seen->queue_peak, plural(seen->queue_peak));
		else
			innocent(out, "why not accept", "it listens on no port");
	}
	if (!seen->lookups)
		innocent(out, "why not names", "it looked up no name");
	else if (!code_is_found(out, "D01") && !code_is_found(out, "D02") &&
		 !code_is_found(out, "D03"))
		innocent(out, "why not names", "%llu lookup%s, %.2f s in all, the longest %.1f ms",
			(unsigned long long)seen->lookups, plural(seen->lookups),
			(double)seen->lookup_ns / 1e9, (double)seen->longest_lookup / 1e6);
}

void find_innocents(struct judge *judge)
{
	const struct fold *fold = judge->fold;
	struct seen seen = {.asked = !fold->run->imported.what};

	for (size_t f = 0; f < fold->flows; f++)
		see_flow(&fold->flow[f], &seen);
	for (size_t e = 0; e < fold->endpoints; e++)
		if (fold->endpoint[e].min_rtt > seen.rtt)
			seen.rtt = fold->endpoint[e].min_rtt;
	see_lookups(fold->run, &seen);
	if (fold->coverage >= SEEN_ENOUGH && run_is_all(fold->run))
		acquit(judge->out, &seen);
}
