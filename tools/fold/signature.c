/* Sorts the turns of each endpoint into kinds: those of one shape (the same words, sizes aside)
 * whose sizes lie together. Each kind is a signature, with ranges that leave out the odd tenth. */
#include "tools/fold/dictionary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"

/* Sizes of two kinds lie that far apart, and a kind has so many turns. */
#define APART_RATIO 2u
#define APART_BYTES 8u
#define KIND_LEAST  3u
#define KIND_SHARE  50u /* one in so many of those of its shape */

/* Puts the phrases of each shape together, shapes in their order. */
static void sort_phrases(struct phrases *phrases)
{
	struct phrase *sorted = memory_take(phrases->count, sizeof(*sorted));
	size_t *next = memory_take(phrases->order.count, sizeof(*next)), at = 0;

	for (size_t i = 0; i < phrases->order.count; i++) {
		next[phrases->order.number[i]] = at;
		at += phrases->shape[phrases->order.number[i]].phrases;
	}
	for (size_t i = 0; i < phrases->count; i++)
		sorted[next[phrases->phrase[i].shape]++] = phrases->phrase[i];
	free(phrases->phrase);
	free(next);
	phrases->phrase = sorted;
}

static const struct size *size_of(
	const struct phrases *phrases, const struct phrase *phrase, size_t word)
{
	return &phrases->size[phrase->first + word];
}

static uint64_t count_turns(const struct phrase *phrase, size_t count)
{
	uint64_t turns = 0;

	for (size_t i = 0; i < count; i++)
		turns += phrase[i].count;
	return turns;
}

/* What a word has of numbers. */
static uint64_t low_of(const struct size *size)
{
	return size->low;
}
static uint64_t high_of(const struct size *size)
{
	return size->high;
}
static uint64_t times_of(const struct size *size)
{
	return size->times;
}

/* Those numbers of a word of the phrases, sorted, in phrases->number. */
static void weigh(struct phrases *phrases, const struct phrase *phrase, size_t count, size_t word,
	uint64_t (*of)(const struct size *))
{
	for (size_t i = 0; i < count; i++)
		phrases->number[i] =
			(struct weighed){of(size_of(phrases, &phrase[i], word)), phrase[i].count};
	weighed_sort(phrases->number, count);
}

/* Where sizes of that word leave the widest gap between two kinds: the least one above it; 0:
 * nowhere. */
static uint64_t widest_gap(
	struct phrases *phrases, const struct phrase *phrase, size_t count, size_t word)
{
	const uint64_t turns = count_turns(phrase, count);
	const uint64_t least = turns / KIND_SHARE > KIND_LEAST ? turns / KIND_SHARE : KIND_LEAST;
	const struct weighed *number = phrases->number;
	uint64_t above = 0, below = 0; /* so many turns are below */
	double widest = APART_RATIO;

	weigh(phrases, phrase, count, word, high_of);
	for (size_t i = 1; i < count; i++) {
		const uint64_t low = number[i - 1].number, high = number[i].number;
		below += number[i - 1].times;
		if (below < least || below + least > turns)
			continue;
		if (high - low >= APART_BYTES && low && (double)high / (double)low >= widest) {
			widest = (double)high / (double)low;
			above = high;
		}
	}
	return above;
}

/* Puts those whose word is smaller in front; returns how many they are. */
static size_t part_phrases(const struct phrases *phrases, struct phrase *phrase, size_t count,
	size_t word, uint64_t above)
{
	size_t smaller = 0;

	for (size_t i = 0; i < count; i++)
		if (size_of(phrases, &phrase[i], word)->high < above) {
			const struct phrase moved = phrase[smaller];
			phrase[smaller++] = phrase[i];
			phrase[i] = moved;
		}
	return smaller;
}

/* The range of nine in ten: "480..1390", "27". */
static void print_range(FILE *out, struct phrases *phrases, const struct phrase *phrase,
	size_t count, size_t word, uint64_t (*low)(const struct size *),
	uint64_t (*high)(const struct size *))
{
	const uint64_t turns = count_turns(phrase, count);
	const double odd = turns >= 10 ? 0.05 : 0;

	weigh(phrases, phrase, count, word, low);
	const uint64_t least = weighed_quantile(phrases->number, count, turns, odd);
	weigh(phrases, phrase, count, word, high);
	const uint64_t most = weighed_quantile(phrases->number, count, turns, 1 - odd);
	fprintf(out, "%llu", (unsigned long long)least);
	if (most > least)
		fprintf(out, "..%llu", (unsigned long long)most);
}

/* "w27 r6", of phrases of one shape. */
static char *phrases_text(struct phrases *phrases, const struct phrase *phrase, size_t count)
{
	const struct shape *shape = &phrases->shape[phrase->shape];
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return memory_take(1, 1);
	for (size_t k = 0; k < shape->words;) {
		const size_t group = shape->word[k].block ? shape->word[k].block : 1;
		fprintf(out, "%s%s", k ? " " : "", group > 1 ? "(" : "");
		for (size_t i = 0; i < group; i++) {
			fprintf(out, "%s%c", i ? " " : "", shape->word[k + i].writes ? 'w' : 'r');
			print_range(out, phrases, phrase, count, k + i, low_of, high_of);
		}
		fputs(group > 1 ? ")" : "", out);
		if (shape->word[k].times > 1) {
			fputs(" x", out);
			print_range(out, phrases, phrase, count, k, times_of, times_of);
		}
		k += group;
	}
	fclose(out);
	return text;
}

static void add_signature(struct phrases *phrases, const struct phrase *phrase, size_t count)
{
	struct fold *fold = phrases->fold;
	const uint32_t place = phrases->shape[phrase->shape].endpoint;

	fold->signature = memory_grow(fold->signature, fold->signatures, sizeof(*fold->signature));
	struct signature *signature = &fold->signature[fold->signatures];
	*signature = (struct signature){
		.endpoint = places_flow(&phrases->places, place)->endpoint, .part_of = UINT32_MAX};
	for (size_t i = 0; i < count; i++) {
		phrases->kind[phrase[i].number] = (uint32_t)fold->signatures;
		signature->count += phrase[i].count;
		signature->wait += phrase[i].wait;
		signature->bytes_out += phrase[i].bytes_out;
		signature->bytes_in += phrase[i].bytes_in;
	}
	signature->alone = phrases_text(phrases, phrase, count);
	fold->signatures++;
}

/* Parts phrases of one shape by their sizes, word by word. Both sides of a gap have a share of at
 * least 1/KIND_SHARE of what was parted: that bounds the depth. */
static void part_by_sizes(struct phrases *phrases, struct phrase *phrase, size_t count)
{
	for (size_t word = 0; word < phrases->shape[phrase->shape].words; word++) {
		const uint64_t above = widest_gap(phrases, phrase, count, word);
		if (!above)
			continue;
		const size_t gap = part_phrases(phrases, phrase, count, word, above);
		part_by_sizes(phrases, phrase, gap);
		part_by_sizes(phrases, phrase + gap, count - gap);
		return;
	}
	add_signature(phrases, phrase, count);
}

static int compare_signatures(const void *left, const void *right, void *table)
{
	const struct signature *signature = table;
	const struct signature *a = &signature[*(const uint32_t *)left];
	const struct signature *b = &signature[*(const uint32_t *)right];

	if (a->endpoint != b->endpoint)
		return a->endpoint < b->endpoint ? -1 : 1;
	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return strcmp(a->alone, b->alone);
}

/* Puts the signatures in the order that fold.h promises. */
static void sort_signatures(struct fold *fold, uint32_t *place)
{
	uint32_t *order = memory_take(fold->signatures, sizeof(*order));
	struct signature *sorted = memory_take(fold->signatures, sizeof(*sorted));

	for (uint32_t i = 0; i < fold->signatures; i++)
		order[i] = i;
	qsort_r(order, fold->signatures, sizeof(*order), compare_signatures, fold->signature);
	for (uint32_t i = 0; i < fold->signatures; i++) {
		sorted[i] = fold->signature[order[i]];
		place[order[i]] = i;
	}
	free(fold->signature);
	fold->signature = sorted;
	free(order);
}

/* Each turn has the number of a phrase yet. */
static void set_kinds(struct phrases *phrases)
{
	struct fold *fold = phrases->fold;
	uint32_t *place = memory_take(fold->signatures, sizeof(*place));

	sort_signatures(fold, place);
	for (size_t i = 0; i < phrases->count; i++)
		phrases->kind[i] = place[phrases->kind[i]];
	cache_kinds(fold->cache, phrases->kind);
	phrases->kind = NULL;
	free(place);
}

void signatures_take(struct phrases *phrases)
{
	size_t first = 0, most = 0;

	sort_phrases(phrases);
	for (size_t i = 0; i < phrases->order.count; i++)
		most = phrases->shape[i].phrases > most ? phrases->shape[i].phrases : most;
	phrases->number = memory_take(most, sizeof(*phrases->number));
	phrases->kind = memory_take(phrases->count, sizeof(*phrases->kind));
	for (size_t i = 0; i < phrases->order.count; i++) {
		const size_t count = phrases->shape[phrases->order.number[i]].phrases;
		part_by_sizes(phrases, &phrases->phrase[first], count);
		first += count;
	}
	if (phrases->fold->signatures)
		set_kinds(phrases);
	phrases_free(phrases);
}
