/* What rules could win at most, found or not: waits that might be stalls, and what findings say. On
 * the clock of the run: connections that wait at the same time win no more than one of them, and
 * nothing is won of time in which no thread waits, but for the CPU that rules save. */
#include <stdlib.h>
#include <string.h>

#include "tools/find/judge.h"
#include "tools/base/memory.h"

/* The last `ns` before `end`, whichever process it was. */
static void add_before(struct ends *all, uint64_t end, uint64_t ns)
{
	all->begin = memory_grow(all->begin, all->count, sizeof(*all->begin));
	all->end = memory_grow(all->end, all->count, sizeof(*all->end));
	all->begin[all->count] = beyond(end, ns);
	all->end[all->count++] = end;
}

/* Waits of turns with several writes, beyond what answers take, and pauses within messages:
 * whatever a rule could shorten looks like one of these. Where the kernel's clock was asked it is
 * what that says. */
static void add_suspect(const struct judge *judge, struct ends *all, const struct flow_fold *flow,
	const struct turn *turn)
{
	bool like;
	const uint64_t late = beyond(turn->wait, base_of_turn(judge, flow, turn, &like));

	if (turn->left)
		add_before(all, turn->left, turn_was_held(judge, flow, turn));
	else if (turn->writes >= 2 && late >= DELAYED_ACK_LOW && has_nagle(flow) && !flow->serves &&
		 (turn->proven || !turn_was_asked(turn)))
		add_before(all, turn->answered, least(late, CORK_HIGH));
	else if (turn->held && flow->serves)
		add_before(all, turn->answered,
			least(beyond(turn->answered, turn->held), DELAYED_ACK_HIGH));
	if (is_delayed_ack(turn->pause))
		add_before(all, turn->paused_until, turn->pause);
}

/* A turn that no finding has, in which the kernel held bytes back: it did not say for how long. */
static void add_doubt(const struct judge *judge, struct ends *all, const struct flow_fold *flow,
	const struct turn *turn)
{
	bool like;
	uint64_t late = beyond(turn->wait, base_of_turn(judge, flow, turn, &like));

	if (turn_taken(judge, flow, turn) & PART_WAIT || !turn->proven || turn->left)
		return;
	if (flow->serves)
		late = beyond(turn->answered, turn->held);
	if (late >= DELAYED_ACK_LOW)
		add_before(all, turn->answered, least(late, DELAYED_ACK_HIGH));
}

/* ns that these turns' stretches cover together; of `untold` those of flows that have such. */
static uint64_t cover(const struct judge *judge, bool untold,
	void (*add)(
		const struct judge *, struct ends *, const struct flow_fold *, const struct turn *))
{
	const struct fold *fold = judge->fold;
	struct ends all = {0};
	uint64_t ns;

	for (size_t f = 0; f < fold->flows; f++)
		if (fold->flow[f].sums.untold || !untold)
			for_each_turn (turn, &fold->flow[f])
				if (turn->answered)
					add(judge, &all, &fold->flow[f], turn);
	ns = ends_cover(&all);
	ends_free(&all);
	return ns;
}

/* What the findings that a rule mends say to win. */
static uint64_t found_by_rules(const struct findings *out, bool cpu)
{
	uint64_t ns = 0;

	for (size_t i = 0; i < out->count; i++)
		if (*out->finding[i].mend.set && (out->finding[i].code->sort == SORT_CPU) == cpu)
			ns += out->finding[i].lost_high;
	return ns;
}

void find_bound(struct judge *judge)
{
	const struct split *split = &judge->fold->split;
	struct findings *out = judge->out;
	const uint64_t suspect = cover(judge, false, add_suspect);
	const uint64_t found = found_by_rules(out, false);
	const uint64_t waits = (found > suspect ? found : suspect) + split->other - split->names;
	const uint64_t waited = split->waited > suspect ? split->waited : suspect;

	out->bound = least(least(waits, waited) + found_by_rules(out, true), split->wall);
	out->doubt = least(cover(judge, true, add_doubt), split->wall);
}
