/* Which kinds of turns come together: "w27 r6 . w480..1390 w2 r82". A kind is said in front of
 * another where nearly each of its runs is followed by that one, and nearly each of that one's runs
 * comes after it; of two that take turns the one that was seen first comes first. */
#include <stdio.h>
#include <stdlib.h>

#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

#define NEARLY	    0.9
#define PAIRS_LEAST 3u
#define PARTS_MOST  6u
#define NONE	    UINT32_MAX
#define STRETCHES   65536u /* that are kept before like ones are put together */

/* Turns of one kind, one after the other on one flow: all such that are alike. */
struct stretch {
	uint32_t kind;
	uint32_t next; /* kind of the stretch behind it on its flow, NONE: the last */
	uint32_t turns;
	uint64_t count;
};

struct kind {
	size_t stretches;
	size_t seen;		/* its first stretch */
	uint32_t before, after; /* kinds, NONE */
	uint64_t low, high;	/* turns of a stretch, nine in ten */
};

struct list {
	struct stretch *stretch;
	size_t count, most; /* so many are put together */
	struct kind *kind;
	size_t seen; /* stretches so far */
};

static int compare_stretches(const void *left, const void *right)
{
	const struct stretch *a = left, *b = right;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->next != b->next)
		return a->next < b->next ? -1 : 1;
	return a->turns < b->turns ? -1 : a->turns > b->turns;
}

/* Sorts them, and makes one of those that are alike. */
static void put_together(struct list *list)
{
	size_t kept = 0;

	if (!list->count)
		return;
	qsort(list->stretch, list->count, sizeof(*list->stretch), compare_stretches);
	for (size_t i = 1; i < list->count; i++)
		if (compare_stretches(&list->stretch[kept], &list->stretch[i]) == 0)
			list->stretch[kept].count += list->stretch[i].count;
		else
			list->stretch[++kept] = list->stretch[i];
	list->count = kept + 1;
}

static void add_stretch(struct list *list, const struct stretch *stretch)
{
	struct kind *kind = &list->kind[stretch->kind];

	if (kind->stretches++ == 0)
		kind->seen = list->seen;
	list->seen++;
	if (list->count == list->most) {
		put_together(list);
		list->most = list->count > list->most / 2 ? 2 * list->most : list->most;
	}
	list->stretch = memory_grow(list->stretch, list->count, sizeof(*stretch));
	list->stretch[list->count++] = *stretch;
}

static void list_flow(struct list *list, const struct flow_fold *flow)
{
	struct stretch last = {.count = 1};

	for (size_t t = 0; t < flow->turns; t++) {
		const uint32_t kind = turn_at(flow, t)->signature;
		if (t && kind != last.kind) {
			last.next = kind;
			add_stretch(list, &last);
			last.turns = 0;
		}
		last.kind = kind;
		last.turns++;
	}
	last.next = NONE;
	if (flow->turns)
		add_stretch(list, &last);
}

/* Of stretches of one kind: how long they are. Only nine in ten count, and at least one of five
 * may be odd: what a connection says first and last often has the same shape. */
static void kind_turns(struct kind *kind, const struct stretch *stretch, size_t count)
{
	struct weighed *turns = memory_take(count, sizeof(*turns));
	const size_t all = kind->stretches;
	const double odd = all >= 10 ? 0.05 : all >= 5 ? 0.2 : 0;

	for (size_t i = 0; i < count; i++)
		turns[i] = (struct weighed){stretch[i].turns, stretch[i].count};
	weighed_sort(turns, count);
	kind->low = weighed_quantile(turns, count, all, odd);
	kind->high = weighed_quantile(turns, count, all, 1 - odd);
	free(turns);
}

static bool is_nearly(size_t part, size_t all)
{
	return (double)part >= NEARLY * (double)all;
}

/* Joins a kind to what nearly always comes behind it. */
static void join(struct kind *kind, uint32_t one, uint32_t other, size_t pairs)
{
	/* A flow may end after the one, or begin with the other. */
	if (other == NONE || pairs < PAIRS_LEAST || !is_nearly(pairs, kind[one].stretches) ||
		!is_nearly(pairs, kind[other].stretches))
		return;
	if (kind[one].seen > kind[other].seen || kind[other].before != NONE)
		return;
	kind[one].after = other;
	kind[other].before = one;
}

static struct kind *list_kinds(const struct fold *fold)
{
	struct kind *kind = memory_take(fold->signatures, sizeof(*kind));
	struct list list = {.kind = kind, .most = STRETCHES};

	for (size_t i = 0; i < fold->signatures; i++)
		kind[i] = (struct kind){.seen = SIZE_MAX, .before = NONE, .after = NONE};
	for (size_t f = 0; f < fold->flows; f++)
		list_flow(&list, &fold->flow[f]);
	put_together(&list);
	for (size_t first = 0, end; first < list.count; first = end) {
		const uint32_t one = list.stretch[first].kind;
		for (end = first + 1; end < list.count && list.stretch[end].kind == one;)
			end++;
		kind_turns(&kind[one], list.stretch + first, end - first);
		for (size_t pair = first, next; pair < end; pair = next) {
			size_t pairs = 0;
			for (next = pair;
				next < end && list.stretch[next].next == list.stretch[pair].next;)
				pairs += list.stretch[next++].count;
			join(kind, one, list.stretch[pair].next, pairs);
		}
	}
	free(list.stretch);
	return kind;
}

static void print_part(FILE *out, const struct kind *kind, const char *alone)
{
	if (kind->high < 2) {
		fputs(alone, out);
		return;
	}
	fprintf(out, "(%s) x%llu", alone, (unsigned long long)kind->low);
	if (kind->high > kind->low)
		fprintf(out, "..%llu", (unsigned long long)kind->high);
}

/* The kind with all that comes in front of it. */
static char *phrase_text(const struct fold *fold, const struct kind *kind, uint32_t last)
{
	uint32_t part[PARTS_MOST];
	size_t parts = 0, length;
	char *text = NULL;

	for (uint32_t at = last; at != NONE && parts < PARTS_MOST; at = kind[at].before)
		part[parts++] = at;
	if (parts == 1)
		return memory_print("%s", fold->signature[last].alone);
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return memory_take(1, 1);
	while (parts--) {
		print_part(out, &kind[part[parts]], fold->signature[part[parts]].alone);
		fputs(parts ? " . " : "", out);
	}
	fclose(out);
	return text;
}

void phrases_take(struct fold *fold)
{
	struct kind *kind = list_kinds(fold);

	for (uint32_t i = 0; i < fold->signatures; i++) {
		struct signature *signature = &fold->signature[i];
		size_t parts = 1;
		uint32_t last = i;
		while (kind[last].after != NONE && parts++ < PARTS_MOST)
			last = kind[last].after;
		if (last != i)
			signature->part_of = last;
		signature->text = last == i ? phrase_text(fold, kind, i)
					    : memory_print("%s", signature->alone);
	}
	free(kind);
}
