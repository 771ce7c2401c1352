/* Runs the detectors in their order, sorts what they found, and splits the stalled time off the
 * waiting. Judges nothing itself. */
#include <stdlib.h>
#include <string.h>

#include "tools/find/judge.h"
#include "tools/base/memory.h"

/* Loss explains what looks like Nagle, a lost SYN what looks like a slow answer: they go first. */
static void (*const detector[])(struct judge *) = {
	find_loss,
	find_connect,
	find_cork,
	find_nagle,
	find_late,
	find_busy,
	find_small,
	find_buffer,
	find_spin,
	find_read,
	find_name,
	find_life,
	find_file,
	find_ours,
	find_many,
};

static int most_seconds_first(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;

	if (a->lost_high != b->lost_high)
		return a->lost_high > b->lost_high ? -1 : 1;
	if (a->minor != b->minor)
		return a->minor ? 1 : -1;
	return strcmp(a->code->name, b->code->name);
}

/* Stalls are counted once on the clock of the run, whichever connections they were of. */
static void move_stalled(struct judge *judge)
{
	struct split *split = &judge->fold->split;
	struct ends ends = stretches_ends(&judge->out->stalled);
	uint64_t stalled = judge->explained + ends_cover(&ends);

	ends_free(&ends);
	if (stalled > split->thinking)
		stalled = split->thinking;
	split->thinking -= stalled;
	split->stalled += stalled;
}

static void judge_end(struct judge *judge)
{
	for (size_t f = 0; f < judge->fold->flows; f++)
		free(judge->taken[f]);
	free(judge->taken);
	free(judge->base);
	free(judge->joint);
	free(judge->like);
	free(judge->begin);
	free(judge->begin_like);
}

static void group_counts(struct findings *out)
{
	for (size_t i = 0; i < out->count; i++) {
		sentence_group(out->finding[i].what, sizeof(out->finding[i].what));
		sentence_group(out->finding[i].how, sizeof(out->finding[i].how));
		sentence_group(out->finding[i].second_price, sizeof(out->finding[i].second_price));
	}
	for (size_t i = 0; i < out->innocents; i++)
		sentence_group(out->innocent[i].why, sizeof(out->innocent[i].why));
}

/* What nobody asked the kernel is proven by nothing. */
static void doubt_imported(const struct run *run, struct findings *out)
{
	for (size_t i = 0; run->imported.what && i < out->count; i++)
		if (out->finding[i].sure == SURE_PROVEN)
			out->finding[i].sure = SURE_LIKELY;
}

struct findings *find_all(struct fold *fold)
{
	struct findings *out = memory_take(1, sizeof(*out));
	struct judge judge = {.fold = fold, .out = out};

	judge.taken = memory_take(fold->flows, sizeof(*judge.taken));
	for (size_t f = 0; f < fold->flows; f++)
		judge.taken[f] = memory_take(fold->flow[f].turns, 1);
	bases_take(&judge);
	for (size_t i = 0; i < sizeof(detector) / sizeof(*detector); i++)
		detector[i](&judge);
	moments_free(judge.moments);
	judge.moments = NULL;
	doubt_imported(fold->run, out);
	find_critical(&judge);
	move_stalled(&judge);
	find_program(&judge);
	doubt_imported(fold->run, out);
	find_bound(&judge);
	find_innocents(&judge);
	group_counts(out);
	if (out->count > 0)
		qsort(out->finding, out->count, sizeof(*out->finding), most_seconds_first);
	judge_end(&judge);
	return out;
}

void findings_free(struct findings *findings)
{
	free(findings->finding);
	stretches_free(&findings->stalled);
	stretches_free(&findings->beside);
	free(findings);
}
