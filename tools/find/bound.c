/* What rules could win at most, found or not: waits that might be stalls, and what findings say. On
 * the clock of the run: connections that wait at the same time win no more than one of them, and
 * nothing is won of time in which no thread waits, but for the CPU that rules save. */
#include <stdlib.h>
#include <string.h>

#include "tools/find/judge.h"
#include "tools/trace/memory.h"

/* What the library takes a segment for where the kernel did not say (shim/trace_io.c). */
#define USUAL_SEGMENT 1448

struct stretches {
	struct stretch *stretch;
	size_t count;
};

/* The last `ns` before `end`, whichever process it was. */
static void add_before(struct stretches *all, uint64_t end, uint64_t ns)
{
	all->stretch = memory_grow(all->stretch, all->count, sizeof(*all->stretch));
	all->stretch[all->count++] = (struct stretch){NULL, beyond(end, ns), end};
}

static uint64_t cover_and_free(struct stretches *all)
{
	const uint64_t ns = stretches_cover(all->stretch, all->count);

	free(all->stretch);
	return ns;
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

/* Waits of turns with several writes, beyond what answers take, and pauses within messages:
 * whatever a rule could shorten looks like one of these. */
static void add_suspect(const struct judge *judge, struct stretches *all,
	const struct flow_fold *flow, const struct turn *turn)
{
	bool like;
	const uint64_t late = beyond(turn->wait, base_of_turn(judge, flow, turn, &like));

	if (turn->writes >= 2 && late >= DELAYED_ACK_LOW && has_nagle(flow) && !flow->serves &&
		(turn->proven || !was_asked(flow, turn)))
		add_before(all, turn->answered, least(late, CORK_HIGH));
	else if (turn->held && flow->serves)
		add_before(all, turn->answered,
			least(beyond(turn->answered, turn->held), DELAYED_ACK_HIGH));
	else if (is_delayed_ack(turn->pause))
		add_before(all, flow->step[turn->paused].end, turn->pause);
}

/* A turn that no finding has, in which the kernel held bytes back: it did not say for how long. */
static void add_doubt(const struct judge *judge, struct stretches *all,
	const struct flow_fold *flow, const struct turn *turn)
{
	bool like;
	uint64_t late = beyond(turn->wait, base_of_turn(judge, flow, turn, &like));

	if (judge->taken[flow - judge->fold->flow][turn - flow->turn] || !turn->proven)
		return;
	if (flow->serves)
		late = beyond(turn->answered, turn->held);
	if (late >= DELAYED_ACK_LOW)
		add_before(all, turn->answered, least(late, DELAYED_ACK_HIGH));
}

/* ns that these turns' stretches cover together. */
static uint64_t cover(
	const struct judge *judge, void (*add)(const struct judge *, struct stretches *,
					   const struct flow_fold *, const struct turn *))
{
	const struct fold *fold = judge->fold;
	struct stretches all = {NULL, 0};

	for (size_t f = 0; f < fold->flows; f++)
		for (size_t t = 0; t < fold->flow[f].turns; t++)
			if (fold->flow[f].turn[t].answered)
				add(judge, &all, &fold->flow[f], &fold->flow[f].turn[t]);
	return cover_and_free(&all);
}

/* What the findings that a rule mends say to win. */
static uint64_t found_by_rules(const struct findings *out, bool cpu)
{
	uint64_t ns = 0;

	for (size_t i = 0; i < out->count; i++)
		if (*out->finding[i].mend.set && code_is_cpu(out->finding[i].code) == cpu)
			ns += out->finding[i].lost_high;
	return ns;
}

void find_bound(struct judge *judge)
{
	const struct split *split = &judge->fold->split;
	struct findings *out = judge->out;
	const uint64_t suspect = cover(judge, add_suspect);
	const uint64_t found = found_by_rules(out, false);
	const uint64_t waits = (found > suspect ? found : suspect) + split->other;
	const uint64_t waited = split->waited > suspect ? split->waited : suspect;

	out->bound = least(least(waits, waited) + found_by_rules(out, true), split->wall);
	out->doubt = least(cover(judge, add_doubt), split->wall);
}
