/* The language of rule files, as pages for people: what `explain rules` and `list matchers` print.
 */
#ifndef SOCKFIX_LANGUAGE_H
#define SOCKFIX_LANGUAGE_H

void language_print(void);
void language_matchers(void);

#endif
