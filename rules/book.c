/* A book's memory, its list of rules and its list of problems.
 *
 * All memory of a book hangs in one chain and goes with book_free(). Nothing here reads a file or
 * knows what a rule says. */
#include "rules/book.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/option_text.h"
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

static int setting_read(const char *assignment, struct setting *setting, struct why *why)
{
	const char *equals = strchr(assignment, '=');
	const size_t length = equals ? (size_t)(equals - assignment) : 0;
	char name[64];
	const char *near;
	int id;

	if (!length || length >= sizeof(name))
		return why_say(why, "-s takes NAME=VALUE, not '%.60s'", assignment);
	memcpy(name, assignment, length);
	name[length] = '\0';
	id = option_by_name(name);
	if (id < 0) {
		near = nearest_option(name);
		return near ? why_say(why, "'%s' is not an option; did you mean %s?", name, near)
			    : why_say(why, "'%s' is not an option", name);
	}
	setting->option = (uint8_t)id;
	why->hint[0] = '\0';
	return option_parse(id, equals + 1, &setting->value, why->text, sizeof(why->text));
}

static const struct source command_line = {.name = "-s"};

/* All settings of the command line are one rule, the last of the book. */
static struct rule *command_line_rule(struct book *book)
{
	struct ruleset *set = &book->set;
	struct rule rule = {
		.name = "command-line",
		.file = "-s",
		.match = {.named = 1u << MATCH_ROLE, .role = ROLE_ANY},
	};

	if (set->count == 0 || strcmp(set->rule[set->count - 1].file, rule.file) != 0) {
		rule.setting = book_take(book, OPTION_COUNT, sizeof(*rule.setting));
		book_add_rule(book, &rule);
	}
	return &set->rule[set->count - 1];
}

static void setting_put(struct rule *rule, const struct setting *setting)
{
	size_t at = 0;

	while (at < rule->settings && rule->setting[at].option != setting->option)
		at++;
	rule->setting[at] = *setting;
	if (at == rule->settings)
		rule->settings++;
}

int book_add_setting(struct book *book, const char *assignment)
{
	struct setting setting = {0};
	struct why why;

	if (setting_read(assignment, &setting, &why) < 0) {
		problem_add(book, PROBLEM_ERROR, (struct place){&command_line, 0}, why.hint, "%s",
			why.text);
		return -EINVAL;
	}
	setting_put(command_line_rule(book), &setting);
	return 0;
}

int book_check_settings(struct book *book)
{
	const struct ruleset *set = &book->set;
	size_t errors = book->errors;

	if (set->count > 0 && strcmp(set->rule[set->count - 1].file, command_line.name) == 0)
		rule_check(book, &set->rule[set->count - 1], &command_line, NULL);
	return book->errors > errors ? -EINVAL : 0;
}
