/* Where a rule file leaves libconfig's grammar, and what was meant.
 *
 * Walks the tokens with a stack of open brackets and stops at the first that cannot stand where it
 * does. It takes what libconfig 1.5 takes, and is asked first: libconfig has one word for all
 * errors, often finds them lines later, and leaks what it had read. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "rules/text/parts.h"

/* Deeper nesting than any rule has. */
#define DEEPEST 16
/* Settings of one group: libconfig holds each name against all before it, so that twice as many
 * take four times as long; this many take two seconds. */
#define MOST_NAMES 8192

enum state {
	STATE_NAME,   /* a name, or the end of the group */
	STATE_ASSIGN, /* = or : after a name */
	STATE_VALUE,  /* a value after = or : */
	STATE_AFTER,  /* ; or , after a value, or nothing */
	STATE_FIRST,  /* the first item of a list, or its end */
	STATE_ITEM,   /* an item after a comma */
	STATE_COMMA,  /* a comma after an item, or the end of the list */
};

struct walk {
	const struct token *open[DEEPEST]; /* the brackets that are open */
	int names[DEEPEST + 1];		   /* settings inside of each, and outside of all */
	int depth;
	enum state state;
	const struct token *name; /* what the value here belongs to; NULL in a list */
	enum token_kind kind;	  /* of the first item of an array */
	int line;
	char *hint;
	size_t size;
};

__attribute__((format(printf, 3, 4))) static bool stop(
	struct walk *walk, const struct token *token, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(walk->hint, walk->size, format, list);
	va_end(list);
	walk->line = token->line;
	return false;
}

/* "... is missing before TOKEN" */
static bool stop_before(struct walk *walk, const struct token *token, const char *what)
{
	const char *quote = token->kind == TOKEN_STRING ? "\"" : "";
	const int length = token->length > 40 ? 40 : (int)token->length;

	return stop(walk, token, "%s is missing before %s%.*s%s", what, quote, length, token->at,
		quote);
}

static bool is(const struct token *token, char mark)
{
	return token->kind == TOKEN_MARK && *token->at == mark;
}

static bool is_word(const struct token *token, const char *word)
{
	return token->length == strlen(word) && !strncasecmp(token->at, word, token->length);
}

static bool is_opener(const struct token *token)
{
	return token->kind == TOKEN_MARK && strchr("{([", *token->at);
}

static bool is_closer(const struct token *token)
{
	return token->kind == TOKEN_MARK && strchr("})]", *token->at);
}

static char closer(const struct token *open)
{
	return *open->at == '{' ? '}' : *open->at == '(' ? ')' : ']';
}

/* "coalesce = " before a value, or nothing in a list. */
static void print_name(const struct token *name, char out[80])
{
	out[0] = '\0';
	if (name && name->length < 60)
		snprintf(out, 80, "%.*s = ", (int)name->length, name->at);
}

/* A value without quotes: what was it? */
static bool explain_value(struct walk *walk, const struct token *token)
{
	static const char *const on[] = {"yes", "on"}, *const off[] = {"no", "off"};
	const size_t digits = strspn(token->at, "0123456789");
	size_t length = strcspn(token->at, " \t\r\n;,{}()[]\"");
	char name[80];

	print_name(walk->name, name);
	for (int i = 0; i < 2; i++)
		if (is_word(token, on[i]) || is_word(token, off[i]))
			return stop(walk, token, "a switch is true or false: %s%s", name,
				is_word(token, on[i]) ? "true" : "false");
	if (*token->at == '\'' || (unsigned char)*token->at == 0xe2)
		return stop(walk, token, "texts stand in straight double quotes: %s\"...\"", name);
	if (length > 60)
		length = 60;
	if (token->kind == TOKEN_WORD)
		return stop(walk, token, "words stand in quotes: %s\"%.*s\"", name, (int)length,
			token->at);
	if (digits && isalpha((unsigned char)token->at[digits]))
		return stop(walk, token, "a number with a unit stands in quotes: %s\"%.*s\"", name,
			(int)length, token->at);
	return stop(walk, token, "what is not a plain number stands in quotes: %s\"%.*s\"", name,
		(int)length, token->at);
}

static bool walk_open(struct walk *walk, const struct token *token)
{
	if (walk->depth == DEEPEST)
		return stop(walk, token, "brackets stand inside each other too deep");
	walk->open[walk->depth++] = token;
	walk->names[walk->depth] = 0;
	walk->state = is(token, '{') ? STATE_NAME : STATE_FIRST;
	walk->name = NULL;
	walk->kind = TOKEN_END;
	return true;
}

static bool walk_close(struct walk *walk, const struct token *token)
{
	const struct token *open;

	if (!walk->depth)
		return stop(walk, token, "this %c closes nothing", *token->at);
	open = walk->open[--walk->depth];
	if (*token->at != closer(open))
		return stop(walk, token, "this %c cannot close the %c of line %d", *token->at,
			*open->at, open->line);
	walk->state =
		walk->depth && !is(walk->open[walk->depth - 1], '{') ? STATE_COMMA : STATE_AFTER;
	return true;
}

static bool walk_name(struct walk *walk, const struct token *token)
{
	if (is_closer(token))
		return walk_close(walk, token);
	if (is_word(token, "true") || is_word(token, "false"))
		return stop(
			walk, token, "%.*s is a value and no name", (int)token->length, token->at);
	if (token->kind == TOKEN_WORD) {
		if (++walk->names[walk->depth] > MOST_NAMES)
			return stop(walk, token, "a group, and a file, has at most %d names",
				MOST_NAMES);
		walk->name = token;
		walk->state = STATE_ASSIGN;
		return true;
	}
	if (is(token, ',') || is(token, ';'))
		return stop(walk, token, "there is one %c too many", *token->at);
	if (is(token, '{'))
		return stop(walk, token, "a name is missing before {");
	if (token->kind == TOKEN_LUMP && isalpha((unsigned char)*token->at))
		return stop(walk, token, "a name has letters, digits, - and _ only");
	if (isdigit((unsigned char)*token->at))
		return stop(walk, token, "a name begins with a letter");
	return stop(walk, token, "a name should stand here: NAME = VALUE");
}

static bool walk_assign(struct walk *walk, const struct token *token)
{
	const int length = walk->name->length > 60 ? 60 : (int)walk->name->length;

	walk->state = STATE_VALUE;
	if (is(token, '=') || is(token, ':'))
		return true;
	if (is_opener(token))
		return stop(walk, token, "a : is missing: %.*s: %c", length, walk->name->at,
			*token->at);
	if (token->kind == TOKEN_WORD && is(token + 1, ':'))
		return stop(walk, token, "a name is one word: %.*s-%.*s:", length, walk->name->at,
			token->length > 60 ? 60 : (int)token->length, token->at);
	if (token->kind == TOKEN_STRING || token->kind == TOKEN_NUMBER)
		return stop(walk, token, "an = is missing after %.*s", length, walk->name->at);
	return stop(walk, walk->name, "%.*s has no value: NAME = VALUE", length, walk->name->at);
}

static bool walk_value(struct walk *walk, const struct token *token, enum state next)
{
	char name[80];

	walk->state = next;
	if (is_opener(token))
		return walk_open(walk, token);
	if (token->kind == TOKEN_STRING || token->kind == TOKEN_NUMBER || is_word(token, "true") ||
		is_word(token, "false"))
		return true;
	if (token->kind == TOKEN_WORD || token->kind == TOKEN_LUMP)
		return explain_value(walk, token);
	if (!walk->name)
		return stop(walk, token, "an item is missing before %c", *token->at);
	print_name(walk->name, name);
	return stop(walk, token, "a value is missing: %sVALUE", name);
}

static bool walk_item(struct walk *walk, const struct token *token)
{
	const bool array = is(walk->open[walk->depth - 1], '[');

	if (is_closer(token))
		return walk->state == STATE_FIRST
			       ? walk_close(walk, token)
			       : stop(walk, token, "there is a comma too many before %c",
					 *token->at);
	if (array && is_opener(token))
		return stop(
			walk, token, "a list of groups stands in round brackets: ( {...}, {...} )");
	if (array && walk->kind != TOKEN_END && token->kind != walk->kind &&
		(token->kind == TOKEN_STRING || token->kind == TOKEN_NUMBER))
		return stop(walk, token,
			"a list of numbers and texts stands in round brackets: (143, "
			"\"8000-8100\")");
	walk->kind = token->kind;
	return walk_value(walk, token, STATE_COMMA);
}

static bool walk_step(struct walk *walk, const struct token *token)
{
	switch (walk->state) {
	case STATE_NAME:
		return walk_name(walk, token);
	case STATE_ASSIGN:
		return walk_assign(walk, token);
	case STATE_VALUE:
		return walk_value(walk, token, STATE_AFTER);
	case STATE_AFTER:
		walk->state = STATE_NAME;
		if (is(token, ';') || is(token, ','))
			return true;
		if (token->kind != TOKEN_WORD && !is_closer(token))
			return stop_before(walk, token, "a ;");
		return walk_name(walk, token);
	case STATE_FIRST:
	case STATE_ITEM:
		return walk_item(walk, token);
	case STATE_COMMA:
		if (is_closer(token))
			return walk_close(walk, token);
		walk->state = STATE_ITEM;
		walk->name = NULL;
		return is(token, ',') || stop_before(walk, token, "a comma");
	}
	return false;
}

bool syntax_explain(const struct source *source, int *line, char *hint, size_t size)
{
	struct walk walk = {.state = STATE_NAME, .hint = hint, .size = size};
	const struct token *token = source->token;

	for (; token->kind != TOKEN_END; token++) {
		if (token->kind == TOKEN_INCLUDE || walk_step(&walk, token))
			continue;
		*line = walk.line;
		return true;
	}
	if (walk.depth)
		stop(&walk, walk.open[walk.depth - 1],
			"this %c is never closed; is the file cut off?",
			*walk.open[walk.depth - 1]->at);
	else if (walk.state == STATE_ASSIGN || walk.state == STATE_VALUE)
		stop(&walk, walk.name, "the file ends after %.*s; is it cut off?",
			walk.name->length > 60 ? 60 : (int)walk.name->length, walk.name->at);
	else
		return false;
	*line = walk.line;
	return true;
}

static bool is_setting(const struct token *token)
{
	return token->kind == TOKEN_WORD && (is(token + 1, '=') || is(token + 1, ':'));
}

/* The setting of the same name before this one in the same group. */
static const struct token *same_before(const struct source *source, const struct token *second)
{
	int depth = 0;

	for (const struct token *token = second; token-- != source->token && depth >= 0;) {
		if (is_closer(token))
			depth++;
		else if (is_opener(token))
			depth--;
		else if (!depth && is_setting(token) && token->length == second->length &&
			 !memcmp(token->at, second->at, token->length))
			return token;
	}
	return NULL;
}

bool syntax_duplicate(const struct source *source, int line, const struct token **first,
	const struct token **second)
{
	const struct token *token = source->token + source->tokens - 1;

	while (token-- != source->token)
		if (token->line <= line && is_setting(token)) {
			*second = token;
			*first = same_before(source, token);
			if (*first)
				return true;
		}
	return false;
}
