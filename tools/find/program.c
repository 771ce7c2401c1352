/* What is not the sockets: the program's own time (A01), the peer's (A02), and programs that
 * already do it right (A03). They lose nothing that a rule could win back. */
#include <stdio.h>

#include "rules/option.h"
#include "tools/find/judge.h"

#define MOST_OF(part, whole) ((part)*2 > (whole))

struct habits {
	uint64_t turns, single, nodelay, joined, flows;
};

/* One write a turn needs no help; nor does a program that corks or sets TCP_NODELAY by itself. */
static struct habits habits_of(const struct fold *fold)
{
	struct habits habits = {0};

	for (size_t f = 0; f < fold->flows; f++) {
		const struct flow_fold *flow = &fold->flow[f];

		if (flow->connection->role == ROLE_OF_LISTENER || flow->turns == 0)
			continue;
		habits.flows++;
		habits.nodelay +=
			flow->connection->options.nodelay == 1 && theirs(flow, OPTION_TCP_NODELAY);
		for (size_t t = 0; t < flow->turns; t++) {
			habits.turns += flow->turn[t].writes > 0;
			habits.single += flow->turn[t].writes == 1;
		}
	}
	return habits;
}

static struct finding *add(struct judge *judge, const char *code)
{
	struct finding *finding = judge_add(judge, code, UINT32_MAX, NULL);

	finding->sure = SURE_LIKELY;
	finding->fix = FIX_NONE;
	return finding;
}

static void find_right(struct judge *judge)
{
	struct habits habits = habits_of(judge->fold);
	struct finding *finding;

	if (habits.turns == 0 || judge->fold->split.stalled * 100 > judge->fold->split.wall)
		return;
	if (habits.single * 100 < habits.turns * 95 && habits.nodelay < habits.flows)
		return;
	finding = add(judge, "A03");
	finding->minor = true;
	finding->hits = habits.single;
	finding->of = habits.turns;
	if (habits.single * 100 >= habits.turns * 95)
		snprintf(finding->what, sizeof(finding->what),
			"one write a turn: %llu of %llu; nothing waits for an ACK",
			(unsigned long long)habits.single, (unsigned long long)habits.turns);
	else
		snprintf(finding->what, sizeof(finding->what),
			"TCP_NODELAY is on already: %llu of %llu connections",
			(unsigned long long)habits.nodelay, (unsigned long long)habits.flows);
}

void find_program(struct judge *judge)
{
	const struct split *split = &judge->fold->split;
	char part[24], whole[24];

	time_text(whole, sizeof(whole), split->wall);
	if (MOST_OF(split->program, split->wall))
		snprintf(add(judge, "A01")->what, sizeof(((struct finding *)0)->what),
			"between its calls on sockets the program works, or waits for something "
			"else: %s of %s",
			time_text(part, sizeof(part), split->program), whole);
	if (split->thinking * 10 > split->wall)
		snprintf(add(judge, "A02")->what, sizeof(((struct finding *)0)->what),
			"the peer was thinking: %s of %s, and nothing of it looks like a stall",
			time_text(part, sizeof(part), split->thinking), whole);
	find_right(judge);
}
