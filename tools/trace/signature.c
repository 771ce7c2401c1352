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

/* Turns of one endpoint whose words are alike but for their sizes. */
struct shape {
	uint32_t endpoint;
	size_t words, phrases;
	struct word word[WORDS_MOST]; /* those of the first such turn */
};

struct size {
	uint32_t low, high, times;
};

struct phrase {
	uint32_t flow, turn, shape;
	uint32_t first; /* in sorting->size */
};

struct sorting {
	struct fold *fold;
	struct shape *shape;
	uint32_t *order; /* of shapes */
	size_t shapes;
	struct phrase *phrase;
	size_t phrases;
	struct size *size; /* of all words of all phrases */
	size_t sizes;
	uint64_t *number; /* room for two of each phrase of a shape */
};

static int compare_words(const struct word *a, const struct word *b)
{
	if (a->writes != b->writes)
		return a->writes < b->writes ? -1 : 1;
	if (a->block != b->block)
		return a->block < b->block ? -1 : 1;
	return (a->times > 1) - (b->times > 1);
}

static int compare_shapes(const struct shape *a, const struct shape *b)
{
	int order = 0;

	if (a->endpoint != b->endpoint)
		return a->endpoint < b->endpoint ? -1 : 1;
	if (a->words != b->words)
		return a->words < b->words ? -1 : 1;
	for (size_t i = 0; i < a->words && !order; i++)
		order = compare_words(&a->word[i], &b->word[i]);
	return order;
}

/* The number of that shape, which is a new one where it was not there yet. */
static uint32_t shape_number(struct sorting *sorting, const struct shape *shape)
{
	size_t low = 0, high = sorting->shapes;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const uint32_t number = sorting->order[middle];
		const int order = compare_shapes(&sorting->shape[number], shape);
		if (!order)
			return number;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	const size_t number = sorting->shapes++;
	sorting->shape = memory_grow(sorting->shape, number, sizeof(*shape));
	sorting->order = memory_grow(sorting->order, number, sizeof(*sorting->order));
	sorting->shape[number] = *shape;
	memmove(&sorting->order[low + 1], &sorting->order[low],
		(number - low) * sizeof(*sorting->order));
	return sorting->order[low] = (uint32_t)number;
}

static void add_phrase(struct sorting *sorting, uint32_t f, uint32_t t)
{
	const struct flow_fold *flow = &sorting->fold->flow[f];
	struct shape shape = {.endpoint = flow->endpoint};
	struct phrase phrase = {.flow = f, .turn = t, .first = (uint32_t)sorting->sizes};

	shape.words = words_of(flow, &flow->turn[t], shape.word);
	phrase.shape = shape_number(sorting, &shape);
	sorting->shape[phrase.shape].phrases++;
	for (size_t i = 0; i < shape.words; i++) {
		const struct word *word = &shape.word[i];
		sorting->size = memory_grow(sorting->size, sorting->sizes, sizeof(*sorting->size));
		sorting->size[sorting->sizes++] = (struct size){word->low, word->high, word->times};
	}
	sorting->phrase = memory_grow(sorting->phrase, sorting->phrases, sizeof(phrase));
	sorting->phrase[sorting->phrases++] = phrase;
}

/* Puts the phrases of each shape together, shapes in their order. */
static void sort_phrases(struct sorting *sorting)
{
	struct phrase *sorted = memory_take(sorting->phrases, sizeof(*sorted));
	size_t *next = memory_take(sorting->shapes, sizeof(*next)), at = 0;

	for (size_t i = 0; i < sorting->shapes; i++) {
		next[sorting->order[i]] = at;
		at += sorting->shape[sorting->order[i]].phrases;
	}
	for (size_t i = 0; i < sorting->phrases; i++)
		sorted[next[sorting->phrase[i].shape]++] = sorting->phrase[i];
	free(sorting->phrase);
	free(next);
	sorting->phrase = sorted;
}

static const struct size *size_of(
	const struct sorting *sorting, const struct phrase *phrase, size_t word)
{
	return &sorting->size[phrase->first + word];
}

/* Where sizes of that word leave the widest gap between two kinds: the least one above it; 0:
 * nowhere. */
static uint64_t widest_gap(
	struct sorting *sorting, const struct phrase *phrase, size_t phrases, size_t word)
{
	const size_t least = phrases / KIND_SHARE > KIND_LEAST ? phrases / KIND_SHARE : KIND_LEAST;
	uint64_t *number = sorting->number, above = 0;
	double widest = APART_RATIO;

	for (size_t i = 0; i < phrases; i++)
		number[i] = size_of(sorting, &phrase[i], word)->high;
	sort_numbers(number, phrases);
	for (size_t i = least; i + least <= phrases; i++) {
		const uint64_t low = number[i - 1], high = number[i];
		if (high - low >= APART_BYTES && low && (double)high / (double)low >= widest) {
			widest = (double)high / (double)low;
			above = high;
		}
	}
	return above;
}

/* Puts those whose word is smaller in front; returns how many they are. */
static size_t part_phrases(const struct sorting *sorting, struct phrase *phrase, size_t phrases,
	size_t word, uint64_t above)
{
	size_t smaller = 0;

	for (size_t i = 0; i < phrases; i++)
		if (size_of(sorting, &phrase[i], word)->high < above) {
			const struct phrase moved = phrase[smaller];
			phrase[smaller++] = phrase[i];
			phrase[i] = moved;
		}
	return smaller;
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

static void print_sizes(FILE *out, struct sorting *sorting, const struct phrase *phrase,
	size_t phrases, size_t word)
{
	uint64_t *low = sorting->number, *high = low + phrases;

	fputc(sorting->shape[phrase->shape].word[word].writes ? 'w' : 'r', out);
	for (size_t i = 0; i < phrases; i++) {
		low[i] = size_of(sorting, &phrase[i], word)->low;
		high[i] = size_of(sorting, &phrase[i], word)->high;
	}
	print_range(out, low, high, phrases);
}

static void print_times(FILE *out, struct sorting *sorting, const struct phrase *phrase,
	size_t phrases, size_t word)
{
	uint64_t *low = sorting->number, *high = low + phrases;

	for (size_t i = 0; i < phrases; i++)
		low[i] = high[i] = size_of(sorting, &phrase[i], word)->times;
	fputs(" x", out);
	print_range(out, low, high, phrases);
}

/* "w27 r6", of phrases of one shape. */
static char *phrases_text(struct sorting *sorting, const struct phrase *phrase, size_t phrases)
{
	const struct shape *shape = &sorting->shape[phrase->shape];
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return memory_take(1, 1);
	for (size_t k = 0; k < shape->words;) {
		const size_t group = shape->word[k].block ? shape->word[k].block : 1;
		fprintf(out, "%s%s", k ? " " : "", group > 1 ? "(" : "");
		for (size_t i = 0; i < group; i++) {
			fputs(i ? " " : "", out);
			print_sizes(out, sorting, phrase, phrases, k + i);
		}
		fputs(group > 1 ? ")" : "", out);
		if (shape->word[k].times > 1)
			print_times(out, sorting, phrase, phrases, k);
		k += group;
	}
	fclose(out);
	return text;
}

static void add_signature(struct sorting *sorting, const struct phrase *phrase, size_t phrases)
{
	struct fold *fold = sorting->fold;

	fold->signature = memory_grow(fold->signature, fold->signatures, sizeof(*fold->signature));
	struct signature *signature = &fold->signature[fold->signatures];
	*signature = (struct signature){.endpoint = sorting->shape[phrase->shape].endpoint,
		.count = phrases,
		.part_of = UINT32_MAX};
	for (size_t i = 0; i < phrases; i++) {
		struct turn *turn = &fold->flow[phrase[i].flow].turn[phrase[i].turn];
		turn->signature = (uint32_t)fold->signatures;
		signature->wait += turn->wait;
		signature->bytes_out += turn->bytes_out;
		signature->bytes_in += turn->bytes_in;
	}
	signature->alone = phrases_text(sorting, phrase, phrases);
	fold->signatures++;
}

/* Parts phrases of one shape by their sizes, word by word. Both sides of a gap have a share of at
 * least 1/KIND_SHARE of what was parted: that bounds the depth. */
static void part_by_sizes(struct sorting *sorting, struct phrase *phrase, size_t phrases)
{
	for (size_t word = 0; word < sorting->shape[phrase->shape].words; word++) {
		const uint64_t above = widest_gap(sorting, phrase, phrases, word);
		if (!above)
			continue;
		const size_t gap = part_phrases(sorting, phrase, phrases, word, above);
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
	size_t first = 0, most = 0;

	for (uint32_t f = 0; f < fold->flows; f++)
		for (uint32_t t = 0; t < fold->flow[f].turns; t++)
			add_phrase(&sorting, f, t);
	sort_phrases(&sorting);
	for (size_t i = 0; i < sorting.shapes; i++)
		most = sorting.shape[i].phrases > most ? sorting.shape[i].phrases : most;
	sorting.number = memory_take(most, 2 * sizeof(*sorting.number));
	for (size_t i = 0; i < sorting.shapes; i++) {
		const size_t phrases = sorting.shape[sorting.order[i]].phrases;
		part_by_sizes(&sorting, &sorting.phrase[first], phrases);
		first += phrases;
	}
	free(sorting.shape);
	free(sorting.order);
	free(sorting.phrase);
	free(sorting.size);
	free(sorting.number);
	if (fold->signatures)
		sort_signatures(fold);
}
