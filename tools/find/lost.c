/* The stretches of a run in which one habit at one endpoint lost time, out of the single hits that
 * findings were made of. Where in the run is all that is asked: the seconds of a finding are its
 * own. */
#include <stdlib.h>
#include <string.h>

#include "tools/find/timeline.h"
#include "tools/trace/memory.h"

/* A pause of such a part of the run ends a stretch. */
#define PART_OF_RUN 100

static int compare_habits(const struct stretch *a, const struct stretch *b)
{
	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	return a->flow < b->flow ? -1 : a->flow > b->flow;
}

static int compare_stretches(const void *left, const void *right)
{
	const struct stretch *a = left, *b = right;
	const int order = compare_habits(a, b);

	return order ? order : a->begin < b->begin ? -1 : a->begin > b->begin;
}

static int most_lost_first(const void *left, const void *right)
{
	const struct lost *a = left, *b = right;

	if (a->ns != b->ns)
		return a->ns > b->ns ? -1 : 1;
	return a->begin < b->begin ? -1 : a->begin > b->begin;
}

/* All of them, within the run, each habit's together and in order; `flow` is their endpoint. */
static struct stretch *list(const struct fold *fold, const struct findings *findings, size_t *count)
{
	const size_t all = findings->stretches + findings->besides;
	struct stretch *stretch = memory_take(all, sizeof(*stretch));

	*count = 0;
	for (size_t i = 0; i < all; i++) {
		struct stretch *next = &stretch[*count];
		*next = i < findings->stretches ? findings->stalled[i]
						: findings->beside[i - findings->stretches];
		if (next->flow != NO_FLOW)
			next->flow = fold->flow[next->flow].endpoint;
		if (next->begin < fold->run->began)
			next->begin = fold->run->began;
		if (next->end > fold->run->ended)
			next->end = fold->run->ended;
		*count += next->begin < next->end;
	}
	if (*count)
		qsort(stretch, *count, sizeof(*stretch), compare_stretches);
	return stretch;
}

static void add(struct lost *lost, const struct stretch *stretch)
{
	const uint64_t begin = stretch->begin > lost->end ? stretch->begin : lost->end;

	if (stretch->end > begin) {
		lost->ns += stretch->end - begin;
		lost->end = stretch->end;
	}
	lost->times++;
}

struct lost *timeline_lost(const struct fold *fold, const struct findings *findings, size_t *count)
{
	const uint64_t pause = (fold->run->ended - fold->run->began) / PART_OF_RUN;
	size_t stretches;
	struct stretch *stretch = list(fold, findings, &stretches);
	struct lost *lost = NULL;

	*count = 0;
	for (size_t i = 0; i < stretches; i++) {
		if (!i || compare_habits(&stretch[i - 1], &stretch[i]) != 0 ||
			stretch[i].begin > lost[*count - 1].end + pause) {
			lost = memory_grow(lost, *count, sizeof(*lost));
			lost[(*count)++] = (struct lost){.code = &code_table[stretch[i].code],
				.endpoint = stretch[i].flow,
				.begin = stretch[i].begin,
				.end = stretch[i].begin};
		}
		add(&lost[*count - 1], &stretch[i]);
	}
	free(stretch);
	if (*count)
		qsort(lost, *count, sizeof(*lost), most_lost_first);
	return lost;
}
