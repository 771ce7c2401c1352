/* A step of a random program: pure data, made from (seed, index) alone, so that a list is told by
 * the seed and the indexes that are kept, and a shrunk list plays the same steps. */
#ifndef RANDOM_STEP_H
#define RANDOM_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINKS 6

enum step_kind {
#define STEP(name, weight) STEP_##name,
#include "kinds.h"
#undef STEP
	STEP_KINDS
};

extern const char *const step_name[STEP_KINDS];

struct step {
	uint32_t index;
	enum step_kind kind;
	unsigned link; /* which of the program's connections */
	uint64_t dice; /* of this step alone; step_draw() takes numbers from it */
};

void step_make(uint64_t seed, uint32_t index, struct step *step);

/* Whether programs of that seed have steps of that kind. */
bool step_enabled(uint64_t seed, enum step_kind kind);

/* The next of the step's numbers, 0 to below - 1. */
unsigned step_draw(struct step *step, unsigned below);

/* A size for a write or a read: mostly small, sometimes 0, beside a segment's size, or large. */
size_t step_size(struct step *step);

/* A well mixed number for each number. */
uint64_t mix(uint64_t number);

/* Lists of indexes as text: "0-99,104". */
struct list {
	uint32_t *index;
	size_t count;
};

/* False where the text is no list. list_text()'s answer is the caller's to free. */
bool list_read(const char *text, struct list *list);
char *list_text(const struct list *list);

#endif
