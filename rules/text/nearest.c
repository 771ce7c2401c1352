/* "Did you mean ...?": the name that is nearest to what was typed.
 *
 * Damerau-Levenshtein distance (optimal string alignment), letter case aside. Pure; knows no names
 * but the option table's. */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "rules/text/option_text.h"

/* Longer words are not typing errors of any name here. */
#define LONGEST 63

static unsigned min(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static unsigned distance(const char *a, const char *b)
{
	/* Three rows of the table are alive: this one and the two before, for swapped letters. */
	unsigned row[3][LONGEST + 1];
	const size_t rows = strlen(a), columns = strlen(b);

	for (unsigned j = 0; j <= columns; j++)
		row[0][j] = j;
	for (unsigned i = 1; i <= rows; i++) {
		unsigned *now = row[i % 3], *above = row[(i - 1) % 3], *higher = row[(i + 1) % 3];

		now[0] = i;
		for (unsigned j = 1; j <= columns; j++) {
			now[j] = min(above[j], now[j - 1]) + 1;
			now[j] = min(now[j], above[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				now[j] = min(now[j], higher[j - 2] + 1);
		}
	}
	return row[rows % 3][columns];
}

static bool is_near(const char *word, const char *name, unsigned *nearest)
{
	const size_t a = strlen(word), b = strlen(name);
	unsigned away;

	if (a > LONGEST || b > LONGEST)
		return false;
	away = distance(word, name);
	if (away > (a > b ? a : b) / 3 || away >= *nearest)
		return false;
	*nearest = away;
	return true;
}

const char *nearest_name(const char *word, const char *const *name, size_t count)
{
	const char *best = NULL;
	unsigned nearest = UINT32_MAX;

	for (size_t i = 0; i < count; i++)
		if (is_near(word, name[i], &nearest))
			best = name[i];
	return best;
}

const char *nearest_option(const char *word)
{
	const char *best = NULL;
	unsigned nearest = UINT32_MAX;

	for (int id = 0; id < OPTION_COUNT; id++)
		if (is_near(word, option_table[id].name, &nearest))
			best = option_table[id].name;
	for (int id = 0; !best && id < OPTION_COUNT; id++) {
		const char *tail = strchr(option_table[id].name, '_');

		if (tail && is_near(word, tail + 1, &nearest))
			best = option_table[id].name;
	}
	return best;
}
