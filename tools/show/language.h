/* The language of rule files, as pages for people: what `explain` and `list matchers` print.
 */
#ifndef SOCKFIX_LANGUAGE_H
#define SOCKFIX_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

void language_print(void);
void language_matchers(void);

/* One word of it, on a page: a matcher's name, holdout, keep. False: it is none of its words. */
bool language_explain(const char *word);
/* Each of these words in turn; NULL at the end. */
const char *language_word(size_t index);

#endif
