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

/* What turns said, sizes and all. */
struct phrase {
	uint32_t number, shape;
	size_t first;				   /* in phrases->size */
	uint64_t count, wait, bytes_out, bytes_in; /* of its turns */
};

struct phrases {
	struct fold *fold;
	struct places places;
	struct shape *shape;
	uint32_t *order; /* of shapes */
	size_t shapes;
	struct phrase *phrase; /* by their numbers, until they are sorted */
	size_t count;
	struct size *size; /* of all words of all phrases */
	size_t sizes;
	uint32_t *slot; /* a hash table: number + 1; 0: free */
	size_t slots;
	uint32_t *kind;		/* of each phrase, its signature */
	struct weighed *number; /* room for one of each phrase of a shape */
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
static uint32_t shape_number(struct phrases *phrases, const struct shape *shape)
{
	size_t low = 0, high = phrases->shapes;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const uint32_t number = phrases->order[middle];
		const int order = compare_shapes(&phrases->shape[number], shape);
		if (!order)
			return number;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	const size_t number = phrases->shapes++;
	phrases->shape = memory_grow(phrases->shape, number, sizeof(*shape));
	phrases->order = memory_grow(phrases->order, number, sizeof(*phrases->order));
	phrases->shape[number] = *shape;
	memmove(&phrases->order[low + 1], &phrases->order[low],
		(number - low) * sizeof(*phrases->order));
	return phrases->order[low] = (uint32_t)number;
}

struct phrases *phrases_begin(struct fold *fold)
{
	struct phrases *phrases = memory_take(1, sizeof(*phrases));

	phrases->fold = fold;
	return phrases;
}

static uint64_t mix(uint64_t hash, uint64_t number)
{
	hash = (hash ^ number) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t hash_of(uint32_t shape, const struct size *size, size_t words)
{
	uint64_t hash = shape;

	for (size_t i = 0; i < words; i++)
		hash = mix(mix(hash, (uint64_t)size[i].low << 32 | size[i].high), size[i].times);
	return hash;
}

/* Where the phrase is in the table, or would be. */
static uint32_t *find_slot(
	struct phrases *phrases, uint32_t shape, const struct size *size, size_t words)
{
	size_t at = hash_of(shape, size, words) & (phrases->slots - 1);

	for (; phrases->slot[at]; at = (at + 1) & (phrases->slots - 1)) {
		const struct phrase *phrase = &phrases->phrase[phrases->slot[at] - 1];
		if (phrase->shape == shape &&
			memcmp(&phrases->size[phrase->first], size, words * sizeof(*size)) == 0)
			break;
	}
	return &phrases->slot[at];
}

/* The table is never more than half full. */
static void make_slots(struct phrases *phrases)
{
	if (phrases->count * 2 < phrases->slots)
		return;
	free(phrases->slot);
	phrases->slots = phrases->slots ? 2 * phrases->slots : 64;
	phrases->slot = memory_take(phrases->slots, sizeof(*phrases->slot));
	for (uint32_t i = 0; i < phrases->count; i++) {
		const struct phrase *phrase = &phrases->phrase[i];
		*find_slot(phrases, phrase->shape, &phrases->size[phrase->first],
			phrases->shape[phrase->shape].words) = i + 1;
	}
}

static uint32_t add_phrase(
	struct phrases *phrases, uint32_t shape, const struct size *size, size_t words)
{
	const uint32_t number = (uint32_t)phrases->count++;

	phrases->phrase = memory_grow(phrases->phrase, number, sizeof(*phrases->phrase));
	phrases->phrase[number] =
		(struct phrase){.number = number, .shape = shape, .first = phrases->sizes};
	phrases->shape[shape].phrases++;
	for (size_t i = 0; i < words; i++) {
		phrases->size = memory_grow(phrases->size, phrases->sizes, sizeof(*phrases->size));
		phrases->size[phrases->sizes++] = size[i];
	}
	return number;
}

uint32_t phrases_number(
	struct phrases *phrases, struct flow_fold *flow, const struct saying *saying)
{
	struct shape shape = {
		.endpoint = places_number(&phrases->places, flow), .words = saying->words};
	struct size size[WORDS_MOST];

	for (size_t i = 0; i < saying->words; i++) {
		const struct word *word = &saying->word[i];
		shape.word[i] = *word;
		size[i] = (struct size){word->low, word->high, word->times};
	}
	const uint32_t number = shape_number(phrases, &shape);
	make_slots(phrases);
	uint32_t *slot = find_slot(phrases, number, size, saying->words);
	if (!*slot)
		*slot = add_phrase(phrases, number, size, saying->words) + 1;
	return *slot - 1;
}

void phrases_count(struct phrases *phrases, const struct turn *turn)
{
	struct phrase *phrase = &phrases->phrase[turn->signature];

	phrase->count++;
	phrase->wait += turn->wait;
	phrase->bytes_out += turn->bytes_out;
	phrase->bytes_in += turn->bytes_in;
}

/* Puts the phrases of each shape together, shapes in their order. */
static void sort_phrases(struct phrases *phrases)
{
	struct phrase *sorted = memory_take(phrases->count, sizeof(*sorted));
	size_t *next = memory_take(phrases->shapes, sizeof(*next)), at = 0;

	for (size_t i = 0; i < phrases->shapes; i++) {
		next[phrases->order[i]] = at;
		at += phrases->shape[phrases->order[i]].phrases;
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
static void set_kinds(const struct phrases *phrases)
{
	const struct fold *fold = phrases->fold;
	uint32_t *place = memory_take(fold->signatures, sizeof(*place));

	sort_signatures(phrases->fold, place);
	for (size_t f = 0; f < fold->flows; f++)
		for (size_t t = 0; t < fold->flow[f].turns; t++)
			store_set_kind(&fold->flow[f], t,
				place[phrases->kind[store_kind(&fold->flow[f], t)]]);
	cache_forget(fold->cache);
	free(place);
}

static void phrases_free(struct phrases *phrases)
{
	places_free(&phrases->places);
	free(phrases->shape);
	free(phrases->order);
	free(phrases->phrase);
	free(phrases->size);
	free(phrases->slot);
	free(phrases->kind);
	free(phrases->number);
	free(phrases);
}

void signatures_take(struct phrases *phrases)
{
	size_t first = 0, most = 0;

	sort_phrases(phrases);
	for (size_t i = 0; i < phrases->shapes; i++)
		most = phrases->shape[i].phrases > most ? phrases->shape[i].phrases : most;
	phrases->number = memory_take(most, sizeof(*phrases->number));
	phrases->kind = memory_take(phrases->count, sizeof(*phrases->kind));
	for (size_t i = 0; i < phrases->shapes; i++) {
		const size_t count = phrases->shape[phrases->order[i]].phrases;
		part_by_sizes(phrases, &phrases->phrase[first], count);
		first += count;
	}
	if (phrases->fold->signatures)
		set_kinds(phrases);
	phrases_free(phrases);
}
