/* Numbers one after the other in as few bytes as each needs, seven bits to a byte: for what there
 * may be millions of, written once and then read in order. */
#ifndef SOCKFIX_PACKED_H
#define SOCKFIX_PACKED_H

#include <stddef.h>
#include <stdint.h>

#define PACKED_MOST 10u /* bytes of a number */

/* All zero: none yet. */
struct packed {
	unsigned char *byte;
	size_t length, room; /* bytes */
};

/* Adds so many numbers. */
void packed_add(struct packed *packed, const uint64_t *number, size_t count);
void packed_free(struct packed *packed);

/* Reads the number at `at`, which there is; returns where the next one is. */
static inline const unsigned char *packed_get(const unsigned char *at, uint64_t *number)
{
	unsigned shift = 7;

	*number = *at & 127;
	for (; *at++ & 128; shift += 7)
		*number |= (uint64_t)(*at & 127) << shift;
	return at;
}

/* A difference (of two unsigned numbers, whichever is the larger), small for what is near zero on
 * either side. */
static inline uint64_t fold_sign(uint64_t difference)
{
	return difference << 1 ^ (0 - (difference >> 63));
}

static inline uint64_t unfold_sign(uint64_t folded)
{
	return folded >> 1 ^ (0 - (folded & 1));
}

#endif
