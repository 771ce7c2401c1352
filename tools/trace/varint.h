/* Numbers in as few bytes as they need, seven bits each. */
#ifndef SOCKFIX_VARINT_H
#define SOCKFIX_VARINT_H

#include <stdint.h>

#define VARINT_MOST 10u /* bytes */

/* Behind the number. */
static inline unsigned char *varint_put(unsigned char *at, uint64_t number)
{
	for (; number >= 128; number >>= 7)
		*at++ = (unsigned char)(number | 128);
	*at++ = (unsigned char)number;
	return at;
}

static inline const unsigned char *varint_get(const unsigned char *at, uint64_t *number)
{
	unsigned shift = 7;

	*number = *at & 127;
	for (; *at++ & 128; shift += 7)
		*number |= (uint64_t)(*at & 127) << shift;
	return at;
}

/* A difference, small for what is near zero on either side. */
static inline uint64_t fold_sign(uint64_t difference)
{
	return difference << 1 ^ (0 - (difference >> 63));
}

static inline uint64_t unfold_sign(uint64_t folded)
{
	return folded >> 1 ^ (0 - (folded & 1));
}

#endif
