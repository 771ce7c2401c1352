/* What the parts of the HTML report share. Whatever comes from a recording goes through html_text()
 * or is captured and goes through it then: nothing else may write it. The page is HTML that an XML
 * parser takes, too: every element is closed, and there is no entity but XML's own. */
#ifndef SOCKFIX_HTML_H
#define SOCKFIX_HTML_H

#include <stdio.h>

#include "tools/show/bar.h"
#include "tools/show/report.h"

/* Prints text for elements and for attributes in double quotes: what is markup is escaped, what no
 * browser should be given (control characters, broken UTF-8) becomes '?'. */
void html_text(FILE *out, const char *text);
/* <name class="class">text</name>; class NULL: none. */
void html_element(FILE *out, const char *name, const char *class, const char *text);

/* A screen that is printed into the page: print to `file` what is `width` columns wide, then end it
 * in one of these ways. */
struct captured {
	FILE *file;
	char *text;
	size_t length;
};
void captured_begin(struct captured *captured, size_t width);
/* As it is, in <pre>; nothing where nothing was printed. label: what it is, for who cannot see. */
void captured_as_is(FILE *out, struct captured *captured, const char *label);
/* A <p> of each line, for screens that are HTML_FLOW wide; pieces that stand apart in a line have a
 * <span> each. strong: what the first line begins with is so; or NULL. */
void captured_as_lines(FILE *out, struct captured *captured, const char *strong);

/* So wide that no sentence is broken. */
enum { HTML_FLOW = 100000, HTML_NARROW = 60, HTML_WIDE = 80 };

/* ---- what time went to: one look for bar, timeline and legends (html_hatch.c) ---- */

/* Colours and hatching, as patterns that url(#h-NAME) finds. */
void html_hatches(FILE *out);
/* "stalled": of class names and patterns. */
const char *html_hatch(enum bar part);
/* Its sign, a square in that hatching with the letter of the bar. */
void html_sign(FILE *out, enum bar part, char letter);

/* ---- the parts of the page ---- */

void html_style(FILE *out);
void html_bar(FILE *out, const struct report *report);
void html_table(FILE *out, const struct report *report);
void html_findings(FILE *out, const struct report *report);
void html_times(FILE *out, const struct report *report);
void html_lanes(FILE *out, const struct report *report);

#endif
