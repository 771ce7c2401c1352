/* Wilson, Probable inference, 1927. */
#include "tools/base/share.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#define Z 1.959964 /* of the normal distribution: 95 % are within */

struct share share_of(uint64_t hits, uint64_t of)
{
	const double n = (double)of, part = of ? (double)hits / n : 0;
	const double middle = part + Z * Z / (2 * n);
	const double half = Z * sqrt(part * (1 - part) / n + Z * Z / (4 * n * n));
	const double all = 1 + Z * Z / n;

	if (!of)
		return (struct share){0, 1};
	return (struct share){
		hits ? (middle - half) / all : 0, hits < of ? (middle + half) / all : 1};
}

char *share_text(char text[SHARE_TEXT], const struct share *share)
{
	const bool fine = share->high < 0.1;

	if (share->low <= 0)
		snprintf(text, SHARE_TEXT, "at most %.*f %%", fine, share->high * 100);
	else
		snprintf(text, SHARE_TEXT, "%.*f to %.*f %%", fine, share->low * 100, fine,
			share->high * 100);
	return text;
}
