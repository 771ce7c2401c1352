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
struct language_word {
	const char *word, *example, *meaning;
};

/* The words but for options and matchers, whose example is a line of a rule; and the matchers,
 * whose example is a value. Each in turn; NULL at the end. */
const struct language_word *language_word(size_t index);
const struct language_word *language_matcher(size_t index);

/* What `explain rules` prints. */
extern const char language_page[];

#endif
