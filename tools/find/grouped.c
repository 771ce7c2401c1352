/* Counts in sentences get their commas here, once, where all sentences are finished: 205060 of
 * 300000 turns is hard to read. Changes nothing but numbers that stand alone. */
#include <ctype.h>
#include <string.h>

#include "tools/find/judge.h"

static bool stands_alone(const char *text, size_t begin, size_t end)
{
	const char before = begin ? text[begin - 1] : ' ', after = text[end];

	if ((after == '.' || after == ':') && text[end + 1] && text[end + 1] != ' ')
		return false; /* of an address, or more digits */
	return !isalpha((unsigned char)after) && (before == ' ' || before == '(') && after != '-' &&
	       after != '_';
}

/* Inserts a comma before every third digit from the end. Sentences that are full stay as they are.
 */
static void group(char *text, size_t size, size_t begin, size_t end)
{
	size_t length = strlen(text);

	for (size_t at = end; at > begin + 3 && length + 1 < size; length++) {
		at -= 3;
		memmove(text + at + 1, text + at, length - at + 1);
		text[at] = ',';
	}
}

void sentence_group(char *text, size_t size)
{
	for (size_t begin = 0; text[begin]; begin++) {
		size_t end = begin;

		while (isdigit((unsigned char)text[end]))
			end++;
		if (end >= begin + 4 && stands_alone(text, begin, end))
			group(text, size, begin, end);
		while (isdigit((unsigned char)text[begin]) || text[begin] == ',')
			begin++;
		if (!text[begin])
			return;
	}
}
