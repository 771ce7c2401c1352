/* Words on a screen: sentences on stderr, wrapped and bold text on stdout. */
#ifndef SOCKFIX_TEXT_H
#define SOCKFIX_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Prints "sockfix: ", the sentence and a newline to stderr, as one write. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From here on, where stderr is a connection over a network, as inetd's programs have it, sentences
 * go to syslog(3) instead: there somebody else reads what COMMAND writes. */
void say_beside_connection(void);

/* Says that word is no such thing and, where one of the names is near, which was meant:
 * "'chekc' is not a verb; did you mean 'check'?", else "'x' is not a verb; REST". */
void say_unknown(const char *word, const char *thing, const char *const *name, size_t count,
	const char *rest);

/* Columns of the screen: COLUMNS, else the terminal's, else 80; from 60 to 200. */
size_t text_width(FILE *out);

/* From now on every screen has so many columns, whatever it is: for pages, which are no terminal's.
 * 0: as above again. */
void text_fix_width(size_t columns);

/* Escape sequences where out is a terminal that wants them (NO_COLOR, TERM=dumb), else "". */
const char *text_bold(FILE *out);
const char *text_plain(FILE *out);

/* Prints left, then text from column indent on, wrapped at spaces to the screen. A left that
 * reaches into the text's columns gets a line of its own. Runs of spaces become one. */
void text_item(FILE *out, const char *left, size_t indent, const char *text);

/* The same with nothing to the left. */
void text_wrap(FILE *out, size_t indent, const char *text);

/* Sentences, as printf, of 4095 bytes at most: the first goes on at that column of a line that was
 * begun (0: begins one), and all are wrapped to the screen from column 2 on. */
void text_sentences(FILE *out, size_t column, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A piece of a line of several, none of which is broken: three blanks and the piece, or a line's
 * beginning, `indent` blanks and the piece. *column: where the line is, 0 before the first. The
 * caller ends the last line. */
void text_piece(FILE *out, size_t *column, size_t indent, const char *piece);

/* The path's last part: all behind the last slash, which may be nothing. */
const char *text_base_name(const char *path);

#endif
