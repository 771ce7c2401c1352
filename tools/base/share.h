/* What a count of looks allows to say of the whole. */
#ifndef SOCKFIX_SHARE_H
#define SOCKFIX_SHARE_H

#include <stdint.h>

struct share {
	double low, high; /* from 0 to 1 */
};

/* The part of all time that was so, by `hits` of `of` looks: Wilson's interval, which is right 95
 * times in 100, also near 0 and 1. Of no look: 0 to 1. */
struct share share_of(uint64_t hits, uint64_t of);

enum { SHARE_TEXT = 32 };
/* "41 to 47 %", "at most 0.4 %"; returns text. */
char *share_text(char text[SHARE_TEXT], const struct share *share);

#endif
