/* The stretches of a run in which one habit at one endpoint lost time, out of the single hits that
 * findings were made of. Where in the run is all that is asked: the seconds of a finding are its
 * own. */
#include <stdlib.h>

#include "tools/find/ends.h"
#include "tools/find/timeline.h"
#include "tools/base/memory.h"

/* A pause of such a part of the run ends a stretch. */
#define PART_OF_RUN 100

static int most_lost_first(const void *left, const void *right)
{
	const struct lost *a = left, *b = right;

	if (a->ns != b->ns)
		return a->ns > b->ns ? -1 : 1;
	return a->begin < b->begin ? -1 : a->begin > b->begin;
}

/* Stretches sorted into habits: one code at one endpoint. */
struct habits {
	const struct fold *fold;
	struct ends_groups groups;
	struct lost *lost;
	size_t count;
};

static size_t endpoints_of(const struct habits *habits)
{
	return habits->fold->endpoints + 1; /* the last is that of no flow */
}

static size_t habit_of(const struct habits *habits, const struct stretch *stretch)
{
	const struct fold *fold = habits->fold;
	const size_t endpoint =
		stretch->flow == NO_FLOW ? fold->endpoints : fold->flow[stretch->flow].endpoint;

	return stretch->code * endpoints_of(habits) + endpoint;
}

/* Within the run; false: it is not. */
static bool clip(const struct run *run, struct stretch *stretch)
{
	if (stretch->begin < run->began)
		stretch->begin = run->began;
	if (stretch->end > run->ended)
		stretch->end = run->ended;
	return stretch->begin < stretch->end;
}

static void count(struct habits *habits, const struct stretch *stretch)
{
	groups_count(&habits->groups, habit_of(habits, stretch));
}

static void put(struct habits *habits, const struct stretch *stretch)
{
	groups_put(&habits->groups, habit_of(habits, stretch), stretch->begin, stretch->end);
}

static void each(struct habits *habits, const struct stretches *stretches,
	void (*call)(struct habits *, const struct stretch *))
{
	struct stretch_walk walk = {.of = stretches};

	while (stretch_next(&walk)) {
		struct stretch stretch = walk.now;
		if (clip(habits->fold->run, &stretch))
			call(habits, &stretch);
	}
}

static void add_cover(struct habits *habits, size_t habit, bool begins, const struct cover *cover)
{
	const size_t endpoint = habit % endpoints_of(habits);
	struct lost *lost;

	if (begins) {
		habits->lost = memory_grow(habits->lost, habits->count, sizeof(*lost));
		habits->lost[habits->count++] =
			(struct lost){.code = &code_table[habit / endpoints_of(habits)],
				.endpoint = endpoint < habits->fold->endpoints ? (uint32_t)endpoint
									       : NO_FLOW,
				.begin = cover->begin};
	}
	lost = &habits->lost[habits->count - 1];
	lost->end = cover->end;
	lost->ns += cover->end - cover->begin;
	lost->times += cover->times;
}

static void add_habit(struct habits *habits, size_t habit, struct ends *ends)
{
	const struct run *run = habits->fold->run;
	const uint64_t pause = (run->ended - run->began) / PART_OF_RUN;
	struct cover cover = {0};
	uint64_t last = 0;

	ends_sort(ends);
	while (ends_next(ends, &cover)) {
		add_cover(habits, habit, !last || cover.begin > last + pause, &cover);
		last = cover.end;
	}
}

struct lost *timeline_lost(
	const struct fold *fold, const struct findings *findings, size_t *count_out)
{
	struct habits habits = {.fold = fold};
	const size_t all = findings->stalled.count + findings->beside.count;

	habits.groups = groups_of(code_count * endpoints_of(&habits), all);
	each(&habits, &findings->stalled, count);
	each(&habits, &findings->beside, count);
	groups_begin(&habits.groups);
	each(&habits, &findings->stalled, put);
	each(&habits, &findings->beside, put);
	for (size_t i = 0; i < habits.groups.groups; i++) {
		struct ends part = groups_part(&habits.groups, i);
		add_habit(&habits, i, &part);
	}
	groups_free(&habits.groups);
	*count_out = habits.count;
	if (habits.count)
		qsort(habits.lost, habits.count, sizeof(*habits.lost), most_lost_first);
	return habits.lost;
}
