/* Problems of a book: each with its place, and the line as it stands there. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rules/text/parts.h"

/* Longer lines are shown cut: a screen is no place for them. */
#define LONGEST_SHOWN 200

/* The line as it stands in the file; NULL where there is none. */
static const char *source_line(struct book *book, struct place place)
{
	const char *line = place.source->text;
	size_t length;

	if (!line || place.line < 1)
		return NULL;
	for (int i = 1; i < place.line; i++) {
		line = strchr(line, '\n');
		if (!line)
			return NULL;
		line++;
	}
	length = strcspn(line, "\r\n");
	if (length > LONGEST_SHOWN)
		for (length = LONGEST_SHOWN; length && (line[length] & 0xc0) == 0x80; length--)
			;
	return length ? book_text(book, line, length) : NULL;
}

/* Nobody reads more, and each is looked up in its file from the beginning. */
#define MOST_PROBLEMS 1000

void problem_add(struct book *book, enum problem_kind kind, struct place place, const char *hint,
	const char *format, ...)
{
	struct problem *problem;
	char text[512];
	va_list list;

	if (book->problems > MOST_PROBLEMS) {
		book->errors += kind == PROBLEM_ERROR;
		return;
	}
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (book->problems == MOST_PROBLEMS) {
		snprintf(text, sizeof(text), "from here on nothing more is said: %d are enough",
			MOST_PROBLEMS);
		hint = NULL;
	}
	book->problem = book_grow(book, book->problem, book->problems, sizeof(*book->problem));
	problem = &book->problem[book->problems++];
	book->errors += kind == PROBLEM_ERROR;
	problem->kind = kind;
	problem->file = place.source->name;
	problem->line = place.line;
	problem->text = book_text(book, text, strlen(text));
	problem->source = source_line(book, place);
	problem->hint = hint && *hint ? book_text(book, hint, strlen(hint)) : NULL;
}
