/* Sorts the turns of each endpoint into kinds: those of one shape (the same words, sizes aside)
 * whose sizes lie together. Each kind is a signature, with ranges that leave out the odd tenth. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/trace/fold_parts.h"
#include "tools/trace/memory.h"

/* Sizes of two kinds lie that far apart, and a kind has so many turns. */
#define APART_RATIO 2u
#define APART_BYTES 8u
#define KIND_LEAST  3u
#define KIND_SHARE  50u /* one in so many of those of its shape */

struct phrase {
	struct turn *turn;
	const struct flow_fold *flow;
	size_t first, words; /* in sorting->word */
	const struct word *word;
};

struct sorting {
	struct fold *fold;
	struct phrase *phrase;
	size_t phrases;
	struct word *word; /* of all phrases */
	size_t words;
	uint64_t *number; /* room for one of each phrase */
};

static void list_phrases(struct sorting *sorting)
{
	struct word word[WORDS_MOST];

	for (size_t f = 0; f < sorting->fold->flows; f++) {
		struct flow_fold *flow = &sorting->fold->flow[f];
		for (size_t t = 0; t < flow->turns; t++) {
			struct phrase phrase = {&flow->turn[t], flow, sorting->words, 0, NULL};
			phrase.words = words_of(flow, phrase.turn, word);
			for (size_t i = 0; i < phrase.words; i++) {
				sorting->word =
					memory_grow(sorting->word, sorting->words, sizeof(*word));
				sorting->word[sorting->words++] = word[i];
			}
			sorting->phrase =
				memory_grow(sorting->phrase, sorting->phrases, sizeof(phrase));
			sorting->phrase[sorting->phrases++] = phrase;
		}
	}
	for (size_t i = 0; sorting->words && i < sorting->phrases; i++)
		sorting->phrase[i].word = sorting->word + sorting->phrase[i].first;
}

static int compare_words(const struct word *a, const struct word *b)
{
	if (a->writes != b->writes)
		return a->writes < b->writes ? -1 : 1;
	if (a->block != b->block)
		return a->block < b->block ? -1 : 1;
	return (a->times > 1) - (b->times > 1);
}

static int compare_shapes(const struct phrase *a, const struct phrase *b)
{
	int order = 0;

	if (a->flow->endpoint != b->flow->endpoint)
		return a->flow->endpoint < b->flow->endpoint ? -1 : 1;
	if (a->words != b->words)
		return a->words < b->words ? -1 : 1;
	for (size_t i = 0; i < a->words && !order; i++)
		order = compare_words(&a->word[i], &b->word[i]);
	return order;
}

static int compare_phrases(const void *left, const void *right)
{
	const struct phrase *a = left, *b = right;
	int order = compare_shapes(a, b);

	return order ? order : a->first < b->first ? -1 : a->first > b->first;
}

static int compare_sizes(const void *left, const void *right, void *word)
{
	const struct phrase *a = left, *b = right;
	const size_t k = *(const size_t *)word;

	return a->word[k].high < b->word[k].high ? -1 : a->word[k].high > b->word[k].high;
}

/* Where sizes of that word leave the widest gap between two kinds; 0: nowhere. Sorts phrase. */
static size_t widest_gap(struct phrase *phrase, size_t phrases, size_t word)
{
	const size_t least = phrases / KIND_SHARE > KIND_LEAST ? phrases / KIND_SHARE : KIND_LEAST;
	double widest = APART_RATIO;
	size_t gap = 0;

	qsort_r(phrase, phrases, sizeof(*phrase), compare_sizes, &word);
	for (size_t i = least; i + least <= phrases; i++) {
		const uint32_t low = phrase[i - 1].word[word].high;
		const uint32_t high = phrase[i].word[word].high;
		if (high - low >= APART_BYTES && low && (double)high / low >= widest) {
			widest = (double)high / low;
			gap = i;
		}
	}
	return gap;
}

/* The range of nine in ten: "480..1390", "27". */
static void print_range(FILE *out, uint64_t *low, uint64_t *high, size_t count)
{
	const double odd = count >= 10 ? 0.05 : 0;

	sort_numbers(low, count);
	sort_numbers(high, count);
	const uint64_t least = quantile(low, count, odd), most = quantile(high, count, 1 - odd);
	fprintf(out, "%llu", (unsigned long long)least);
	if (most > least)
		fprintf(out, "..%llu", (unsigned long long)most);
}

static void print_sizes(
	FILE *out, const struct phrase *phrase, size_t phrases, size_t word, uint64_t *number)
{
	uint64_t *high = number + phrases;

	fputc(phrase->word[word].writes ? 'w' : 'r', out);
	for (size_t i = 0; i < phrases; i++) {
		number[i] = phrase[i].word[word].low;
		high[i] = phrase[i].word[word].high;
	}
	print_range(out, number, high, phrases);
}

static void print_times(
	FILE *out, const struct phrase *phrase, size_t phrases, size_t word, uint64_t *number)
{
	uint64_t *high = number + phrases;

	for (size_t i = 0; i < phrases; i++)
		number[i] = high[i] = phrase[i].word[word].times;
	fputs(" x", out);
	print_range(out, number, high, phrases);
}

/* "w27 r6", of phrases of one shape. */
static char *phrases_text(const struct phrase *phrase, size_t phrases, uint64_t *number)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return memory_take(1, 1);
	for (size_t k = 0; k < phrase->words;) {
		const size_t group = phrase->word[k].block ? phrase->word[k].block : 1;
		fprintf(out, "%s%s", k ? " " : "", group > 1 ? "(" : "");
		for (size_t i = 0; i < group; i++) {
			fputs(i ? " " : "", out);
			print_sizes(out, phrase, phrases, k + i, number);
		}
		fputs(group > 1 ? ")" : "", out);
		if (phrase->word[k].times > 1)
			print_times(out, phrase, phrases, k, number);
		k += group;
	}
	fclose(out);
	return text;
}

static void add_signature(struct sorting *sorting, struct phrase *phrase, size_t phrases)
{
	struct fold *fold = sorting->fold;

	fold->signature = memory_grow(fold->signature, fold->signatures, sizeof(*fold->signature));
	struct signature *signature = &fold->signature[fold->signatures];
	*signature = (struct signature){
		.endpoint = phrase->flow->endpoint, .count = phrases, .part_of = UINT32_MAX};
	for (size_t i = 0; i < phrases; i++) {
		struct turn *turn = phrase[i].turn;
		turn->signature = (uint32_t)fold->signatures;
		signature->wait += turn->wait;
		signature->bytes_out += turn->bytes_out;
		signature->bytes_in += turn->bytes_in;
	}
	signature->alone = phrases_text(phrase, phrases, sorting->number);
	fold->signatures++;
}

/* Parts phrases of one shape by their sizes, word by word. Both sides of a gap have a share of at
 * least 1/KIND_SHARE of what was parted: that bounds the depth. */
static void part_by_sizes(struct sorting *sorting, struct phrase *phrase, size_t phrases)
{
	for (size_t word = 0; word < phrase->words; word++) {
		size_t gap = widest_gap(phrase, phrases, word);
		if (!gap)
			continue;
		part_by_sizes(sorting, phrase, gap);
		part_by_sizes(sorting, phrase + gap, phrases - gap);
		return;
	}
	add_signature(sorting, phrase, phrases);
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
static void sort_signatures(struct fold *fold)
{
	uint32_t *order = memory_take(fold->signatures, sizeof(*order));
	uint32_t *place = memory_take(fold->signatures, sizeof(*place));
	struct signature *sorted = memory_take(fold->signatures, sizeof(*sorted));

	for (uint32_t i = 0; i < fold->signatures; i++)
		order[i] = i;
	qsort_r(order, fold->signatures, sizeof(*order), compare_signatures, fold->signature);
	for (uint32_t i = 0; i < fold->signatures; i++) {
		sorted[i] = fold->signature[order[i]];
		place[order[i]] = i;
	}
	for (size_t f = 0; f < fold->flows; f++)
		for (size_t t = 0; t < fold->flow[f].turns; t++) {
			struct turn *turn = &fold->flow[f].turn[t];
			turn->signature = place[turn->signature];
		}
	free(fold->signature);
	fold->signature = sorted;
	free(order);
	free(place);
}

void signatures_take(struct fold *fold)
{
	struct sorting sorting = {.fold = fold};

	list_phrases(&sorting);
	sorting.number = memory_take(sorting.phrases, 2 * sizeof(*sorting.number));
	if (sorting.phrases)
		qsort(sorting.phrase, sorting.phrases, sizeof(*sorting.phrase), compare_phrases);
	for (size_t first = 0, end; first < sorting.phrases; first = end) {
		end = first + 1;
		while (end < sorting.phrases &&
			compare_shapes(&sorting.phrase[first], &sorting.phrase[end]) == 0)
			end++;
		part_by_sizes(&sorting, &sorting.phrase[first], end - first);
	}
	free(sorting.phrase);
	free(sorting.word);
	free(sorting.number);
	if (fold->signatures)
		sort_signatures(fold);
}
