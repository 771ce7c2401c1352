/* Numbers drawn by lot from a seed: the same seed, the same number. */
#ifndef SOCKFIX_LOT_H
#define SOCKFIX_LOT_H

#include <stdint.h>

/* Splitmix64 (Vigna 2015): neighbouring seeds have nothing in common. */
static inline uint64_t lot_draw(uint64_t seed)
{
	uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

#endif
