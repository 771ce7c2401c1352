/* Packs stretches: mostly they come connection by connection, each soon after the one before. */
#include "tools/find/stretch.h"

void stretch_add(struct stretches *stretches, const struct stretch *stretch)
{
	const struct stretch *last = &stretches->last;
	const uint64_t number[] = {
		fold_sign(stretch->begin - last->end),
		fold_sign(stretch->end - stretch->begin),
		fold_sign((uint64_t)stretch->flow - last->flow),
		(uint64_t)stretch->code << 1 | stretch->mends,
	};

	packed_add(&stretches->packed, number, sizeof(number) / sizeof(*number));
	stretches->last = *stretch;
	stretches->count++;
}

void stretches_free(struct stretches *stretches)
{
	packed_free(&stretches->packed);
}

bool stretch_next(struct stretch_walk *walk)
{
	struct stretch *now = &walk->now;
	uint64_t begin, took, flow, code;

	if (walk->seen++ == walk->of->count)
		return false;
	walk->at = walk->at ? walk->at : walk->of->packed.byte;
	walk->at = packed_get(packed_get(walk->at, &begin), &took);
	walk->at = packed_get(packed_get(walk->at, &flow), &code);
	now->begin = now->end + unfold_sign(begin);
	now->end = now->begin + unfold_sign(took);
	now->flow += (uint32_t)unfold_sign(flow);
	now->code = (uint8_t)(code >> 1);
	now->mends = code & 1;
	return true;
}

struct ends stretches_ends(const struct stretches *stretches)
{
	struct stretch_walk walk = {.of = stretches};
	struct ends ends = ends_of(stretches->count);

	for (; stretch_next(&walk); ends.count++) {
		ends.begin[ends.count] = walk.now.begin;
		ends.end[ends.count] = walk.now.end;
	}
	return ends;
}
