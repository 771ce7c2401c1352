/* Collects what turns say, each phrase once: the words' sizes are looked up in a hash table, and
 * shapes (the words, sizes aside) in a sorted list, for there are few. */
#include "tools/fold/dictionary.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"

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

struct sought {
	const struct phrases *phrases;
	const struct shape *shape;
};

static int compare_sought(const void *with, uint32_t number)
{
	const struct sought *sought = with;

	return compare_shapes(&sought->phrases->shape[number], sought->shape);
}

/* The number of that shape, which is a new one where it was not there yet. */
static uint32_t shape_number(struct phrases *phrases, const struct shape *shape)
{
	const uint32_t shapes = phrases->order.count;
	const uint32_t number =
		order_number(&phrases->order, compare_sought, &(struct sought){phrases, shape});

	if (number == shapes) {
		phrases->shape = memory_grow(phrases->shape, number, sizeof(*shape));
		phrases->shape[number] = *shape;
	}
	return number;
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
		if (phrase->shape == shape && (!words || memcmp(&phrases->size[phrase->first], size,
								 words * sizeof(*size)) == 0))
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

void phrases_free(struct phrases *phrases)
{
	places_free(&phrases->places);
	free(phrases->shape);
	free(phrases->order.number);
	free(phrases->phrase);
	free(phrases->size);
	free(phrases->slot);
	free(phrases->kind);
	free(phrases->number);
	free(phrases);
}
