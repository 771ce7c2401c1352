/* A screen that is drawn anew again and again, on the terminal at stdout; by plain ANSI. */
#ifndef SOCKFIX_CMD_TERMINAL_H
#define SOCKFIX_CMD_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether stdout is a terminal that can be drawn on. */
bool terminal_is_fit(void);

/* Takes the alternate screen, and the keys of stdin where that is a terminal, too. What was there
 * comes back by terminal_end(), at the latest at exit(3). */
void terminal_begin(void);
void terminal_end(void);

/* Whether we are in its foreground, or it has none. */
bool terminal_is_ours(void);

/* Where keys come from, for poll(2); -1: there are none. */
int terminal_keys(void);
/* A key that was pressed; 0: none. */
char terminal_key(void);

/* Its size now: at least 1. */
void terminal_size(size_t *width, size_t *height);

/* Puts the text's lines on the screen, in place of those that were there. None may be longer than
 * the screen is wide: there it is cut off. */
void terminal_draw(const char *text);

#endif
