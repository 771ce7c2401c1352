/* Problems of rule files: on a screen of their own (check), or one line each among others (run). */
#ifndef SOCKFIX_PROBLEM_H
#define SOCKFIX_PROBLEM_H

#include <stdio.h>

#include "rules/book.h"

/* The place, the sentence, the source line with its number, the hint: up to three lines. */
void problem_show(FILE *out, const struct problem *problem);

/* "FILE:LINE", or "FILE" where there is no line. As snprintf. */
int problem_place(const char *file, int line, char *out, size_t size);

/* One line on stderr for each error of the book; notes are check's to show. */
void problem_say_errors(const struct book *book);

#endif
