/* Text from traces, made fit for a terminal. */
#ifndef SOCKFIX_HARMLESS_H
#define SOCKFIX_HARMLESS_H

#include <stddef.h>

/* Puts '?' for each byte of text that is not printable UTF-8: control characters (also those above
 * U+0080), broken sequences, and what turns the direction of writing (U+200E, U+202A, ...). */
void text_harmless(char *text);

/* A command line that grows; zeros are an empty one. text: to be freed, NULL as long as it is
 * empty. */
struct line {
	char *text;
	size_t length, room;
};

/* Appends the word as a shell would want it: as it is, in single quotes, or, where it holds
 * anything that text_harmless() minds, as $'...' with \xHH. */
void line_add_word(struct line *line, const char *word, size_t length);

#endif
