/* Both arms of a proof: the times of their turns, and whether the blocks of one are the faster
 * ones. By ranks, for times have tails (Mann, Whitney 1947). Must not print, nor look at rules. */
#include "tools/find/arms.h"

#include <math.h>
#include <stdlib.h>

#include "tools/base/memory.h"
#include "tools/base/numbers.h"
#include "tools/find/verdict.h"

/* |z| beyond that: one in a hundred by chance. Medians closer than that are the same to people. */
static const double z_sure = 2.576, ratio_same = 1.03;

struct side {
	struct arm *arm;
	uint64_t *time; /* of its turns */
	double *block;	/* means of its blocks */
};

static void add_block(struct side *side, size_t from, size_t to)
{
	double total = 0;

	for (size_t t = from; t < to; t++)
		total += (double)side->time[t];
	side->block = memory_grow(side->block, side->arm->blocks, sizeof(*side->block));
	side->block[side->arm->blocks++] = total / (double)(to - from);
}

/* The turns from `first` on were of one arm: a block, or two of which the lot was the same. */
static void end_blocks(struct side *side, size_t first)
{
	const size_t turns = side->arm->turns - first;
	const size_t blocks = (turns + ARMS_BLOCK / 2) / ARMS_BLOCK;

	for (size_t b = 0; b < blocks; b++)
		add_block(side, first + b * turns / blocks, first + (b + 1) * turns / blocks);
	if (!blocks && turns)
		add_block(side, first, first + turns);
}

static void add_turn(struct side *side, const struct turn *turn, uint64_t time)
{
	struct arm *arm = side->arm;

	side->time = memory_grow(side->time, arm->turns, sizeof(*side->time));
	side->time[arm->turns++] = time;
	arm->proven += turn->proven;
	arm->mean += (double)time;
}

static void add_flow(const struct flow_fold *flow, struct side *bare, struct side *mended)
{
	struct side *side = NULL;
	size_t first = 0;

	for_each_turn (turn, flow) {
		struct side *its = turn->arm == EVENT_BARE     ? bare
				   : turn->arm == EVENT_MENDED ? mended
							       : NULL;
		if (!turn->writes || !its)
			continue;
		if (side && its != side)
			end_blocks(side, first);
		if (its != side)
			first = its->arm->turns;
		side = its;
		add_turn(side, turn,
			turn_took(flow, turn) + (!turn->number ? flow->connect_took : 0));
	}
	if (side)
		end_blocks(side, first);
}

static int compare_means(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static void finish(struct side *side)
{
	struct arm *arm = side->arm;
	const size_t turns = arm->turns, blocks = arm->blocks;

	if (!turns)
		return;
	sort_numbers(side->time, turns);
	qsort(side->block, blocks, sizeof(*side->block), compare_means);
	arm->p5 = side->time[turns / 20];
	arm->p50 = side->time[turns / 2];
	arm->p95 = side->time[turns - 1 - turns / 20];
	arm->max = side->time[turns - 1];
	arm->mean /= (double)turns;
	arm->block_low = side->block[blocks / 4];
	arm->block_mid = side->block[blocks / 2];
	arm->block_high = side->block[blocks - 1 - blocks / 4];
}

/* Pairs in which a's block is the slower one; ties are halves. Both sorted. */
static double slower_pairs(const struct side *a, const struct side *b)
{
	double pairs = 0;
	size_t below = 0, upto = 0;

	for (size_t i = 0; i < a->arm->blocks; i++) {
		while (below < b->arm->blocks && b->block[below] < a->block[i])
			below++;
		while (upto < b->arm->blocks && b->block[upto] <= a->block[i])
			upto++;
		pairs += (double)(below + upto) / 2;
	}
	return pairs;
}

static void judge(struct arms *arms, const struct side *bare, const struct side *mended)
{
	const double n = (double)arms->bare.blocks, m = (double)arms->mended.blocks;
	const double was = arms->bare.block_mid, is = arms->mended.block_mid;

	if (arms->bare.blocks < ARMS_BLOCKS || arms->mended.blocks < ARMS_BLOCKS)
		return;
	arms->z = (slower_pairs(bare, mended) - n * m / 2) / sqrt(n * m * (n + m + 1) / 12);
	if (arms->z > z_sure && was > is * ratio_same)
		arms->verdict = ARMS_BETTER;
	else if (arms->z < -z_sure && is > was * ratio_same)
		arms->verdict = ARMS_WORSE;
	else
		arms->verdict = ARMS_EQUAL;
	arms->by_chance =
		fabs(arms->z) <= z_sure && (was > is * ratio_same || is > was * ratio_same);
}

/* The run as it was, plus what one arm's turns had taken in the other. */
static uint64_t run_of(uint64_t whole, double gain, uint64_t turns)
{
	const double all = (double)whole + gain * (double)turns;

	return all > 0 ? (uint64_t)all : 0;
}

void arms_compare(const struct fold *fold, struct arms *arms)
{
	struct side bare = {.arm = &arms->bare}, mended = {.arm = &arms->mended};

	*arms = (struct arms){.verdict = ARMS_UNKNOWN};
	for (size_t f = 0; f < fold->flows; f++)
		add_flow(&fold->flow[f], &bare, &mended);
	finish(&bare);
	finish(&mended);
	judge(arms, &bare, &mended);
	arms->bare.run =
		run_of(fold_whole(fold), arms->bare.mean - arms->mended.mean, arms->mended.turns);
	arms->mended.run =
		run_of(fold_whole(fold), arms->mended.mean - arms->bare.mean, arms->bare.turns);
	free(bare.time);
	free(bare.block);
	free(mended.time);
	free(mended.block);
}
