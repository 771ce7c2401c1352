/* Which findings are loud, and what these come to together. Words for it are show/'s. */
#include "tools/find/verdict.h"

bool finding_is_place(const struct finding *finding)
{
	return finding->code->sort == SORT_PLACE;
}

bool finding_is_loud(const struct finding *finding)
{
	return !finding->minor && !finding_is_place(finding) && finding->sure != SURE_POSSIBLE &&
	       finding->lost_high > 0;
}

bool finding_is_ours(const struct finding *finding)
{
	return finding->code->sort == SORT_OURS;
}

bool finding_wants_proof(const struct finding *finding)
{
	return *finding->mend.set && finding->sure != SURE_PROVEN && finding->lost_high > 0 &&
	       finding->code->sort != SORT_CPU;
}

static void add_rule(struct loud *loud, const struct finding *finding)
{
	loud->rules++;
	/* How long it held is known; what the program computed meanwhile anyway is not. */
	loud->least += finding_is_ours(finding) ? 0 : finding->lost_low;
	loud->most += finding->lost_high;
	loud->proven = loud->proven && finding->sure == SURE_PROVEN;
}

struct loud loud_of(const struct findings *findings)
{
	struct loud loud = {.sure = true, .proven = true};

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->finding[i];

		if (!finding_is_loud(finding))
			continue;
		loud.all++;
		loud.sure = loud.sure && finding->sure == SURE_PROVEN;
		loud.ours += finding_is_ours(finding);
		loud.ours_ns += finding_is_ours(finding) ? finding->lost_high : 0;
		loud.low[finding->code->part] += finding->lost_low;
		loud.high[finding->code->part] += finding->lost_high;
		if (*finding->mend.set)
			add_rule(&loud, finding);
	}
	return loud;
}
