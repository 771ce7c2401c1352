/* At which looks something was so: a bit for each. Of several connections it says whether it was so
 * at the same looks. */
#ifndef SOCKFIX_LIVE_WHEN_H
#define SOCKFIX_LIVE_WHEN_H

#include <stddef.h>
#include <stdint.h>

struct when {
	uint64_t *word; /* look N is bit N % 64 of word N / 64 */
	size_t words;
};

/* It was so at the looks from `first` to `last`. */
void when_add(struct when *when, uint32_t first, uint32_t last);
/* And at those of the other. */
void when_unite(struct when *when, const struct when *other);
uint32_t when_count(const struct when *when);
/* What was before that look is forgotten; it becomes look 0. */
void when_forget(struct when *when, uint32_t first);
void when_free(struct when *when);

#endif
