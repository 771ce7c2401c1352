/* Values of unit files, cut into words as systemd.syntax(7) and systemd.exec(5) say. Pure. */
#ifndef SOCKFIX_UNIT_WORDS_H
#define SOCKFIX_UNIT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* The next word at *at, which is moved behind it; to be freed. Quotes are taken off and escapes
 * written out; specifiers (%n, %%) stay as they are. NULL: there is none. */
char *words_next(const char **at);

/* "1", "yes", "true", "on", as systemd reads a switch. */
bool words_yes(const char *value);

/* The words as one that stands in a unit file and is read back the same: in double quotes where
 * that is needed. specifiers: '%' is one already; else it is doubled. To be freed; NULL: it holds
 * what cannot stand in a line. */
char *words_quoted(const char *text, bool specifiers);

/* A unit's specifiers written out, as far as they are made of its name: %n %N %p %i %j %%. To be
 * freed; NULL: there is another one. */
char *words_specified(const char *text, const char *unit);

/* With each '%' twice, for a text that is read for specifiers; to be freed. */
char *words_doubled(const char *text);

#endif
