/* Pages of man(7): text that may hold anything becomes lines that mean only themselves. */
#ifndef SOCKFIX_ROFF_H
#define SOCKFIX_ROFF_H

/* All print to stdout. */
void roff_title(const char *name, const char *section, const char *summary);
void roff_section(const char *head);
void roff_part(const char *head); /* below a section */
void roff_text(const char *text); /* a paragraph */
/* Paragraphs, which two newlines end; those that begin with two spaces are lines as they stand. */
void roff_paragraphs(const char *text);
void roff_lines(const char *text); /* as they stand, indented */
/* What stands to the left, bold, and its text. */
void roff_item(const char *tag, const char *text);
void roff_see(const char *const *page, int count); /* SEE ALSO: "sockfix(1)" */

#endif
