/* The phrases of a run: what turns said, each once, and their shapes. Between dictionary.c, which
 * collects them turn by turn, and signature.c, which sorts them into kinds. */
#ifndef SOCKFIX_DICTIONARY_H
#define SOCKFIX_DICTIONARY_H

#include "tools/fold/fold_parts.h"

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
	struct order order;    /* of shapes */
	struct phrase *phrase; /* by their numbers, until they are sorted */
	size_t count;
	struct size *size; /* of all words of all phrases */
	size_t sizes;
	uint32_t *slot; /* a hash table: number + 1; 0: free */
	size_t slots;
	uint32_t *kind;		/* of each phrase, its signature */
	struct weighed *number; /* room for one of each phrase of a shape */
};

void phrases_free(struct phrases *phrases);

#endif
