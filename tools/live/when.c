/* Bitmaps that grow. Pure. */
#include "tools/live/when.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"

enum { BITS = 64 };

static void grow(struct when *when, size_t words)
{
	size_t room = when->words ? when->words : 1;

	if (words <= when->words)
		return;
	while (room < words)
		room *= 2;
	when->word = memory_again(when->word, room * sizeof(*when->word));
	memset(when->word + when->words, 0, (room - when->words) * sizeof(*when->word));
	when->words = room;
}

void when_add(struct when *when, uint32_t first, uint32_t last)
{
	grow(when, last / BITS + 1);
	for (uint32_t look = first; look <= last; look++)
		when->word[look / BITS] |= UINT64_C(1) << look % BITS;
}

void when_unite(struct when *when, const struct when *other)
{
	grow(when, other->words);
	for (size_t i = 0; i < other->words; i++)
		when->word[i] |= other->word[i];
}

uint32_t when_count(const struct when *when)
{
	uint32_t count = 0;

	for (size_t i = 0; i < when->words; i++)
		count += (uint32_t)__builtin_popcountll(when->word[i]);
	return count;
}

/* Bits of a word that begins anywhere. */
static uint64_t word_at(const struct when *when, size_t bit)
{
	const size_t at = bit / BITS, shift = bit % BITS;
	const uint64_t low = at < when->words ? when->word[at] : 0;
	const uint64_t high = at + 1 < when->words ? when->word[at + 1] : 0;

	return shift ? low >> shift | high << (BITS - shift) : low;
}

void when_forget(struct when *when, uint32_t first)
{
	for (size_t i = 0; i < when->words; i++)
		when->word[i] = word_at(when, first + i * BITS);
}

void when_free(struct when *when)
{
	free(when->word);
	*when = (struct when){.words = 0};
}
