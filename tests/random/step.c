/* Makes the steps of a random program from a seed, and reads and writes lists of them. It must know
 * nothing of sockets: the same steps are made by the program and by who runs it. */
#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const step_name[STEP_KINDS] = {
#define STEP(name, weight) #name,
#include "kinds.h"
#undef STEP
};

static const unsigned weight_of[STEP_KINDS] = {
#define STEP(name, weight) weight,
#include "kinds.h"
#undef STEP
};

/* splitmix64 */
uint64_t mix(uint64_t number)
{
	number += 0x9e3779b97f4a7c15u;
	number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9u;
	number = (number ^ (number >> 27)) * 0x94d049bb133111ebu;
	return number ^ (number >> 31);
}

unsigned step_draw(struct step *step, unsigned below)
{
	step->dice = mix(step->dice);
	return (unsigned)((step->dice >> 32) % below);
}

/* Turns, writes and answers are always there: without them nothing is learnt and nothing is held.
 * A filter makes much else quiet, so few programs have one. */
bool step_enabled(uint64_t seed, enum step_kind kind)
{
	uint64_t number = mix(seed ^ mix(1000 + kind));

	if (kind == STEP_filter)
		return number % 12 == 0;
	return kind <= STEP_ask || number % 2 == 0;
}

void step_make(uint64_t seed, uint32_t index, struct step *step)
{
	unsigned all = 0, at;

	step->index = index;
	step->kind = 0;
	step->dice = mix(mix(seed) + index);
	step->link = step_draw(step, LINKS);
	for (unsigned kind = 0; kind < STEP_KINDS; kind++)
		all += step_enabled(seed, kind) ? weight_of[kind] : 0;
	at = step_draw(step, all);
	for (unsigned kind = 0; kind < STEP_KINDS; kind++) {
		unsigned weight = step_enabled(seed, kind) ? weight_of[kind] : 0;

		if (at < weight) {
			step->kind = kind;
			return;
		}
		at -= weight;
	}
}

size_t step_size(struct step *step)
{
	/* 1448 bytes are a segment on Ethernet, 65483 on loopback by IPv4. */
	static const unsigned odd[] = {0, 1, 2, 1447, 1448, 1449, 4096, 65482, 65483, 65484, 65536};
	unsigned at = step_draw(step, 100);

	if (at < 70)
		return 1 + step_draw(step, 100);
	if (at < 90)
		return odd[step_draw(step, sizeof(odd) / sizeof(*odd))];
	if (at < 99)
		return step_draw(step, 20000);
	return 1 << 20;
}

bool list_read(const char *text, struct list *list)
{
	size_t room = 0;

	list->index = NULL;
	list->count = 0;
	while (*text) {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;

		if (end == text)
			return false;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if ((*end && *end != ',') || last < first || last - first > 10000000)
			return false;
		room = list->count + last - first + 1;
		list->index = realloc(list->index, room * sizeof(*list->index));
		if (!list->index)
			abort();
		while (first <= last)
			list->index[list->count++] = (uint32_t)first++;
		text = *end ? end + 1 : end;
	}
	return list->count > 0;
}

char *list_text(const struct list *list)
{
	char *text = malloc(24 * list->count + 1), *end = text;

	if (!text)
		abort();
	*text = 0;
	for (size_t i = 0, last; i < list->count; i = last + 1) {
		for (last = i; last + 1 < list->count; last++)
			if (list->index[last + 1] != list->index[last] + 1)
				break;
		end += sprintf(end, last > i ? "%s%u-%u" : "%s%u", i > 0 ? "," : "", list->index[i],
			list->index[last]);
	}
	return text;
}
