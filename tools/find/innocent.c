/* The 'no': what rules could win at most, and a sentence for each suspect that is innocent. Says
 * nothing that was not seen: below 95 % coverage there are no innocents. */
#include <stdarg.h>
#include <stdio.h>

#include "tools/find/judge.h"

#define SURE_COVERAGE 0.95

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

static bool found(const struct findings *out, const char *family)
{
	for (size_t i = 0; i < out->count; i++)
		for (const char *c = family; *c; c++)
			if (out->finding[i].code->name[0] == *c && !out->finding[i].minor)
				return true;
	return false;
}

struct seen {
	uint64_t turns, single, retrans, connects, again, longest_connect, lookups, lookup_ns;
	uint64_t limited_us, pauses, rtt, queue_peak, listeners;
};

static void see_flow(const struct flow_fold *flow, struct seen *seen)
{
	const struct trace_connection *c = flow->connection;

	seen->retrans += c->at_close.total_retrans;
	seen->limited_us += c->at_close.sndbuf_limited_us + c->at_close.rwnd_limited_us;
	seen->connects += flow->connect_took > 0;
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
			}
}

/* Waits of turns with several writes, beyond what answers take, and pauses within answers: whatever
 * a rule could shorten looks like one of these. */
static uint64_t could_be_stalls(const struct judge *judge)
{
	const struct fold *fold = judge->fold;
	uint64_t ns = 0;

	for (size_t f = 0; f < fold->flows; f++)
		for (size_t t = 0; t < fold->flow[f].turns; t++) {
			const struct turn *turn = &fold->flow[f].turn[t];
			uint64_t late = beyond(turn->wait, judge->base[fold->flow[f].endpoint]);

			if (turn->early)
				continue;
			if (turn->writes >= 2 && late >= DELAYED_ACK_LOW && !fold->flow[f].serves)
				ns += late < CORK_HIGH ? late : CORK_HIGH;
			else if (turn->held && fold->flow[f].serves)
				ns += 44 * MS;
			else if (is_delayed_ack(turn->pause))
				ns += turn->pause;
		}
	return ns;
}

static void acquit(struct findings *out, const struct seen *seen)
{
	if (!found(out, "N") && seen->turns > 0)
		innocent(out, "why not stalled",
			seen->single == seen->turns
				? "one write a turn, %llu of %llu: nothing waits for an ACK"
				: "%llu of %llu turns are one write; in the others nothing was "
				  "held",
			(unsigned long long)seen->single, (unsigned long long)seen->turns);
	if (!found(out, "N") && seen->pauses == 0 && seen->turns > 0)
		innocent(out, "why not its ACKs", "no answer came in two parts 40 ms apart");
	if (seen->retrans == 0)
		innocent(out, "why not the net",
			seen->rtt ? "0 segments sent again, round trip %.2f ms"
				  : "0 segments sent again",
			(double)seen->rtt / 1e6);
	if (!found(out, "S"))
		innocent(out, "why not buffers", "%.1f s limited by a send buffer or a window",
			(double)seen->limited_us / 1e6);
	if (seen->connects > 0 && seen->again == 0)
		innocent(out, "why not connects", "%llu, the longest %.1f ms, no SYN sent again",
			(unsigned long long)seen->connects, (double)seen->longest_connect / 1e6);
	if (seen->listeners > 0 && !found(out, "C"))
		innocent(out, "why not accept", "at most %llu waited to be accepted",
			(unsigned long long)seen->queue_peak);
	if (!found(out, "D"))
		innocent(out, "why not names", "%llu lookups, %.2f s in all",
			(unsigned long long)seen->lookups, (double)seen->lookup_ns / 1e9);
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
	judge->out->bound = stalls + fold->split.other;
	if (judge->out->bound > fold->split.wall)
		judge->out->bound = fold->split.wall;
	if (fold->coverage >= SURE_COVERAGE)
		acquit(judge->out, &seen);
}
