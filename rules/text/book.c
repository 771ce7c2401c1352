/* A book's memory, its list of rules and its list of problems.
 *
 * All memory of a book hangs in one chain and goes with book_free(). Nothing here reads a file or
 * knows what a rule says. */
#include "rules/text/parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/text/option_text.h"
#include "rules/room.h"

/* Stands before each piece of memory; max_align_t keeps the piece itself aligned. */
union link {
	union link *next;
	max_align_t align;
};

struct book *book_new(void)
{
	return calloc(1, sizeof(struct book));
}

void book_free(struct book *book)
{
	if (!book)
		return;
	for (union link *link = book->own, *next; link; link = next) {
		next = link->next;
		free(link);
	}
	free(book);
}

void *book_take(struct book *book, size_t count, size_t size)
{
	union link *link = NULL;

	if (!size || count <= (SIZE_MAX - sizeof(*link)) / size)
		link = calloc(1, sizeof(*link) + count * size);
	if (!link)
		room_out();
	link->next = book->own;
	book->own = link;
	return link + 1;
}

char *book_text(struct book *book, const char *text, size_t length)
{
	char *copy = book_take(book, length + 1, 1);

	memcpy(copy, text, length);
	return copy;
}

void *book_grow(struct book *book, void *array, size_t count, size_t size)
{
	void *larger;

	/* Room doubles whenever the count reaches a power of two. */
	if (count & (count - 1))
		return array;
	larger = book_take(book, count ? 2 * count : 1, size);
	if (count)
		memcpy(larger, array, count * size);
	return larger;
}

void book_add_rule(struct book *book, const struct rule *rule)
{
	struct ruleset *set = &book->set;

	set->rule = book_grow(book, set->rule, set->count, sizeof(*set->rule));
	set->rule[set->count++] = *rule;
}

int why_say(struct why *why, const char *format, ...)
{
	va_list list;

	why->hint[0] = '\0';
	va_start(list, format);
	vsnprintf(why->text, sizeof(why->text), format, list);
	va_end(list);
	return -EINVAL;
}

void why_mend(struct why *why, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(why->hint, sizeof(why->hint), format, list);
	va_end(list);
}

void book_add_default(struct book *book)
{
	struct rule rule = rule_default;

	rule.file = "built-in";
	book_add_rule(book, &rule);
}
