/* The 'no': what rules could win at most, and a sentence for each suspect that is innocent. Says
 * nothing that was not seen: below 95 % coverage, or with a part missing, there are no innocents.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/find/judge.h"

#define SURE_COVERAGE 0.95
/* What the library takes a segment for where the kernel did not say (shim/trace_io.c). */
#define USUAL_SEGMENT 1448

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

static bool found(const struct findings *out, const char *code)
{
	for (size_t i = 0; i < out->count; i++)
		if (strcmp(out->finding[i].code->name, code) == 0)
			return true;
	return false;
}

struct seen {
	uint64_t turns, single, late, retrans, connects, again, refused, longest_connect;
	uint64_t lookups, lookup_ns, longest_lookup, own_us, peer_us, pauses, rtt;
	uint64_t queue_peak, listeners;
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
	for (size_t t = 0; t < flow->turns; t++) {
		seen->turns += flow->turn[t].writes > 0;
		seen->single += flow->turn[t].writes == 1;
		seen->pauses += is_delayed_ack(flow->turn[t].pause);
	}
}

static void see_lookups(const struct run *run, struct seen *seen)
{
	for (size_t p = 0; p < run->processes; p++)
		for (size_t t = 0; t < run->process[p].threads; t++)
			for (size_t i = 0; i < run->process[p].thread[t].events; i++) {
				const struct trace_event *event =
					&run->process[p].thread[t].event[i];

				if (call_class(event->call) != CLASS_NAME)
					continue;
				seen->lookups++;
				seen->lookup_ns += event_duration(event);
				if (event_duration(event) > seen->longest_lookup)
					seen->longest_lookup = event_duration(event);
			}
}

/* Whether the library asked the kernel after the turn's last write, as shim/trace_io.c does: then
 * what is not proven was not held. */
static bool was_asked(const struct flow_fold *flow, const struct turn *turn)
{
	const uint32_t mss = flow->connection->at_connect.snd_mss, writes = turn->writes;
	const struct step *last = NULL;

	for (size_t s = turn->first; s < turn->first + turn->steps; s++)
		if (flow->step[s].writes && flow->step[s].done)
			last = &flow->step[s];
	return last && last->asked < (mss ? mss : USUAL_SEGMENT) &&
	       !(last->flags & (EVENT_HELD | EVENT_MORE)) &&
	       (writes <= 8 || (writes & (writes - 1)) == 0);
}

/* Waits of turns with several writes, beyond what answers take, pauses within messages, and
 * segments that were sent again: whatever a rule could shorten looks like one of these. */
static uint64_t could_be_stalls(const struct judge *judge)
{
	const struct fold *fold = judge->fold;
	uint64_t ns = 0;

	for (size_t f = 0; f < fold->flows; f++)
		for (size_t t = 0; t < fold->flow[f].turns; t++) {
			const struct flow_fold *flow = &fold->flow[f];
			const struct turn *turn = &flow->turn[t];
			bool like;
			uint64_t late = beyond(turn->wait, base_of_turn(judge, flow, turn, &like));

			if (!turn->answered)
				continue;
			if (turn->writes >= 2 && late >= DELAYED_ACK_LOW && has_nagle(flow) &&
				!flow->serves && (turn->proven || !was_asked(flow, turn)))
				ns += least(late, CORK_HIGH);
			else if (turn->held && flow->serves)
				ns += least(beyond(turn->answered, turn->held), DELAYED_ACK_HIGH);
			else if (is_delayed_ack(turn->pause))
				ns += turn->pause;
		}
	return ns;
}

static void acquit_waits(struct findings *out, const struct seen *seen)
{
	if (!found(out, "N01") && !found(out, "N02") && seen->turns > 0)
		innocent(out, "why not stalled",
			seen->single == seen->turns
				? "one write a turn, %llu of %llu: nothing waits for an ACK"
				: "%llu of %llu turns are one write; in no other the kernel held "
				  "one back for long",
			(unsigned long long)seen->single, (unsigned long long)seen->turns);
	if (!found(out, "N11") && seen->turns > 0)
		innocent(out, "why not its ACKs",
			seen->pauses ? "only %llu answers came in two parts 40 ms apart"
				     : "%llu answers came in two parts 40 ms apart",
			(unsigned long long)seen->pauses);
	if (!found(out, "S09") && seen->retrans == 0)
		innocent(out, "why not the net",
			seen->rtt ? "0 segments sent again, round trip %.2f ms"
				  : "0 segments sent again",
			(double)seen->rtt / 1e6);
	if (!found(out, "S01") && !found(out, "S02") && !found(out, "S03"))
		innocent(out, "why not buffers",
			"the send buffer was the limit for %.1f s, the peer's window for %.1f s",
			(double)seen->own_us / 1e6, (double)seen->peer_us / 1e6);
}

static void acquit(struct findings *out, const struct seen *seen)
{
	acquit_waits(out, seen);
	if (!found(out, "C01") && !found(out, "C04") && seen->again == 0)
		innocent(out, "why not connects",
			"%llu, %llu of them failed; the longest took %.1f ms, no SYN was sent "
			"again",
			(unsigned long long)seen->connects, (unsigned long long)seen->refused,
			(double)seen->longest_connect / 1e6);
	if (!found(out, "C02") && !found(out, "C03")) {
		if (seen->listeners)
			innocent(out, "why not accept",
				"%llu listeners; at most %llu connections waited to be accepted",
				(unsigned long long)seen->listeners,
				(unsigned long long)seen->queue_peak);
		else
			innocent(out, "why not accept", "it listens on no port");
	}
	if (!found(out, "D01") && !found(out, "D02"))
		innocent(out, "why not names", "%llu lookups, %.2f s in all, the longest %.1f ms",
			(unsigned long long)seen->lookups, (double)seen->lookup_ns / 1e9,
			(double)seen->longest_lookup / 1e6);
}

/* Turns that no finding has, in which the kernel held bytes back: it did not say for how long. */
static uint64_t held_unexplained(const struct judge *judge)
{
	const struct fold *fold = judge->fold;
	uint64_t ns = 0;

	for (size_t f = 0; f < fold->flows; f++)
		for (size_t t = 0; t < fold->flow[f].turns; t++) {
			const struct flow_fold *flow = &fold->flow[f];
			const struct turn *turn = &flow->turn[t];
			bool like;
			uint64_t late = beyond(turn->wait, base_of_turn(judge, flow, turn, &like));

			if (judge->taken[f][t] || !turn->answered || !turn->proven)
				continue;
			if (flow->serves)
				late = beyond(turn->answered, turn->held);
			ns += late >= DELAYED_ACK_LOW ? least(late, DELAYED_ACK_HIGH) : 0;
		}
	return least(ns, fold->split.wall);
}

/* What the findings that a rule mends say to win is not more than the bound, either. */
static uint64_t found_by_rules(const struct findings *out)
{
	uint64_t ns = 0;

	for (size_t i = 0; i < out->count; i++)
		if (*out->finding[i].mend.set)
			ns += out->finding[i].lost_high;
	return ns;
}

void find_innocents(struct judge *judge)
{
	const struct fold *fold = judge->fold;
	struct seen seen = {0};
	uint64_t stalls = could_be_stalls(judge);

	for (size_t f = 0; f < fold->flows; f++)
		see_flow(&fold->flow[f], &seen);
	for (size_t e = 0; e < fold->endpoints; e++)
		if (fold->endpoint[e].min_rtt > seen.rtt)
			seen.rtt = fold->endpoint[e].min_rtt;
	see_lookups(fold->run, &seen);
	if (stalls < found_by_rules(judge->out))
		stalls = found_by_rules(judge->out);
	judge->out->bound = stalls + fold->split.other;
	if (judge->out->bound > fold->split.wall)
		judge->out->bound = fold->split.wall;
	judge->out->doubt = held_unexplained(judge);
	if (fold->coverage >= SURE_COVERAGE && run_is_all(fold->run))
		acquit(judge->out, &seen);
}
