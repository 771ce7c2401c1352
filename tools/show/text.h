/* Words on a screen: sentences on stderr, wrapped and bold text on stdout. */
#ifndef SOCKFIX_TEXT_H
#define SOCKFIX_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Prints "sockfix: ", the sentence and a newline to stderr, as one write. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says that word is no such thing and, where one of the names is near, which was meant:
 * "'chekc' is not a verb; did you mean 'check'?", else "'x' is not a verb; REST". */
void say_unknown(const char *word, const char *thing, const char *const *name, size_t count,
	const char *rest);

/* Columns of the screen: COLUMNS, else the terminal's, else 80; never under 20. */
size_t text_width(FILE *out);

/* Escape sequences where out is a terminal that wants them (NO_COLOR, TERM=dumb), else "". */
const char *text_bold(FILE *out);
const char *text_plain(FILE *out);

/* Prints left, then text from column indent on, wrapped at spaces to the screen. A left that
 * reaches into the text's columns gets a line of its own. Runs of spaces become one. */
void text_item(FILE *out, const char *left, size_t indent, const char *text);

/* The same with nothing to the left. */
void text_wrap(FILE *out, size_t indent, const char *text);

/* The text in `most` bytes at most: a longer one ends in "...", and no character is cut. out has
 * most + 1 bytes, returned. */
char *text_cut(char *out, size_t most, const char *text);

#endif
