/* What both ends together prove, as findings and a verdict. A wait that one kernel held and the
 * other's ACK let last is two findings, one for each end that could end it; its seconds count once.
 * Sees sums alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/base/units.h"
#include "tools/both/both_parts.h"

/* Of all turns' time: less is not worth a headline. */
#define MINOR 100
/* And so much of it must be known for a 'no'. */
#define KNOWN SEEN_ENOUGH

static const char *const said_text[] = {"requests", "answers"};

static const struct {
	const char *code[BOTH_SIDES]; /* by who held */
	const char *what;
	const char *set;
} hold_table[HOLDS] = {
	[HOLD_NAGLE] = {{"N01", "N02"}, "in small writes, the last held back",
		"coalesce = \"auto\";"},
	[HOLD_CORK] = {{"N06", "N06"}, "held back by its own TCP_CORK",
		"coalesce = \"auto\"; force"},
	[HOLD_MORE] = {{"N07", "N07"}, "held back by its own MSG_MORE",
		"coalesce = \"auto\"; force"},
};

static struct both_finding *finding_add(struct both *both, const char *code, uint32_t service,
	enum both_side end, const struct both_held *held)
{
	struct both_finding *finding;

	both->finding = memory_grow(both->finding, both->findings, sizeof(*both->finding));
	finding = &both->finding[both->findings++];
	*finding = (struct both_finding){.code = code_find(code),
		.service = service,
		.end = end,
		/* Behind a NAT, or a proxy, it is not sure whose ACK was waited for. */
		.sure = both->translated || held->proven < held->turns ? SURE_LIKELY : SURE_PROVEN,
		.fix = FIX_RULE,
		.hits = held->turns,
		.of = held->of};
	return finding;
}

/* At the end that held. */
static void add_sender(
	struct both *both, uint32_t service, enum both_side side, enum both_hold hold)
{
	const struct both_held *held = &both->service[service].held[side][hold];
	struct both_finding *finding =
		finding_add(both, hold_table[hold].code[side], service, side, held);
	char hits[UNITS], of[UNITS];

	finding->lost = held->lost;
	snprintf(finding->what, sizeof(finding->what), "%s %s: %s of %s", said_text[side],
		hold_table[hold].what, units_count(hits, held->turns), units_count(of, held->of));
	snprintf(finding->set, sizeof(finding->set), "%s", hold_table[hold].set);
}

/* At the one that did not acknowledge. */
static void add_receiver(struct both *both, uint32_t service, enum both_side side)
{
	const struct both_held *held = &both->service[service].held[side][HOLD_NAGLE];
	struct both_finding *finding = finding_add(both, "N11", service, !side, held);
	char hits[UNITS], of[UNITS];

	finding->lost = held->withheld;
	finding->again = true;
	snprintf(finding->what, sizeof(finding->what),
		"%s that wait for an ACK from here: %s of %s", said_text[side],
		units_count(hits, held->turns), units_count(of, held->of));
	snprintf(finding->set, sizeof(finding->set), "tcp_quickack = true;");
}

/* What says the same of fewer seconds comes behind it. */
static int compare_findings(const void *left, const void *right)
{
	const struct both_finding *one = left, *other = right;

	if (one->again != other->again)
		return one->again - other->again;
	if (one->lost != other->lost)
		return one->lost < other->lost ? 1 : -1;
	return one->service != other->service ? (one->service > other->service) * 2 - 1
					      : strcmp(one->code->name, other->code->name);
}

static void add_all(struct both *both)
{
	for (uint32_t s = 0; s < both->services; s++)
		for (int side = 0; side < BOTH_SIDES; side++)
			for (int hold = HOLD_NOTHING + 1; hold < HOLDS; hold++) {
				const struct both_held *held = &both->service[s].held[side][hold];
				if (!held->turns)
					continue;
				add_sender(both, s, side, hold);
				both->lost += held->lost;
				if (held->withheld)
					add_receiver(both, s, side);
			}
	if (both->findings)
		qsort(both->finding, both->findings, sizeof(*both->finding), compare_findings);
}

void both_judge(struct both *both)
{
	const uint64_t took = both->sum.took;
	bool loud = false;

	add_all(both);
	for (size_t i = 0; i < both->findings; i++) {
		struct both_finding *finding = &both->finding[i];
		finding->minor = finding->lost < took / MINOR;
		loud = loud || !finding->minor;
	}
	if (loud)
		both->word = VERDICT_STALLED;
	else if ((double)both->sum.part[BOTH_NOT_SPLIT] > (1 - KNOWN) * (double)took ||
		 !both->sum.turns)
		both->word = VERDICT_NOT_SURE;
	else
		both->word = VERDICT_NOT_SOCKETS;
}
