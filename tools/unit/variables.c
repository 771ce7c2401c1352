/* Files of EnvironmentFile=, byte by byte as systemd's parse_env_file() takes them: comments,
 * blanks around, quotes that hold newlines, and a backslash that joins lines without a blank.
 * Nothing is expanded. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/unit/parse.h"

static const char blanks[] = " \t\n\r", newlines[] = "\n\r";

struct text {
	char *bytes;
	size_t length, kept; /* kept: without the blanks at its end */
};

struct reading {
	struct text key, value;
	unsigned line, first; /* of the key */
	bool after;	      /* the comment before ended in a backslash */
	bool doubtful;	      /* so began this key */
	void (*take)(void *context, const struct parsed *parsed);
	void *context;
};

enum state {
	PRE_KEY,
	KEY,
	PRE_VALUE,
	VALUE,
	ESCAPE,
	SINGLE,
	DOUBLE,
	DOUBLE_ESCAPE,
	COMMENT,
	COMMENT_ESCAPE
};

/* '\0' is in each string of C, and no byte of such a file. */
static bool is_of(const char *set, char c)
{
	return c && strchr(set, c);
}

/* literal: a blank stays at the end, too. */
static void put(struct text *text, char c, bool literal)
{
	text->bytes[text->length++] = c;
	if (literal || !is_of(blanks, c))
		text->kept = text->length;
}

static enum state end(struct reading *reading)
{
	reading->key.bytes[reading->key.kept] = '\0';
	reading->value.bytes[reading->value.kept] = '\0';
	reading->take(
		reading->context, &(const struct parsed){reading->key.bytes, reading->value.bytes,
					  reading->first, reading->doubtful});
	return PRE_KEY;
}

static enum state pre_key(struct reading *reading, char c)
{
	if (is_of("#;", c))
		return COMMENT;
	if (is_of(newlines, c))
		reading->after = false;
	if (is_of(blanks, c))
		return PRE_KEY;
	reading->key.length = reading->key.kept = 0;
	reading->value.length = reading->value.kept = 0;
	reading->first = reading->line;
	reading->doubtful = reading->after;
	reading->after = false;
	put(&reading->key, c, false);
	return KEY;
}

static enum state key(struct reading *reading, char c)
{
	if (is_of(newlines, c))
		return PRE_KEY;
	if (c == '=')
		return PRE_VALUE;
	put(&reading->key, c, false);
	return KEY;
}

/* Behind '=', and behind quotes. */
static enum state pre_value(struct reading *reading, char c)
{
	if (is_of(newlines, c))
		return end(reading);
	if (c == '\'' || c == '"')
		return c == '"' ? DOUBLE : SINGLE;
	if (c == '\\')
		return ESCAPE;
	if (is_of(blanks, c))
		return PRE_VALUE;
	put(&reading->value, c, false);
	return VALUE;
}

static enum state value(struct reading *reading, char c)
{
	if (is_of(newlines, c))
		return end(reading);
	if (c == '\\') {
		reading->value.kept = reading->value.length;
		return ESCAPE;
	}
	put(&reading->value, c, false);
	return VALUE;
}

static enum state escape(struct reading *reading, char c)
{
	if (!is_of(newlines, c))
		put(&reading->value, c, true);
	return VALUE;
}

static enum state single_quote(struct reading *reading, char c)
{
	if (c == '\'')
		return PRE_VALUE;
	put(&reading->value, c, true);
	return SINGLE;
}

static enum state double_quote(struct reading *reading, char c)
{
	if (c == '"' || c == '\\')
		return c == '"' ? PRE_VALUE : DOUBLE_ESCAPE;
	put(&reading->value, c, true);
	return DOUBLE;
}

static enum state double_escape(struct reading *reading, char c)
{
	if (c == '\n')
		return DOUBLE;
	if (!is_of("\"\\`$", c))
		put(&reading->value, '\\', true);
	put(&reading->value, c, true);
	return DOUBLE;
}

static enum state comment(struct reading *reading, char c)
{
	(void)reading;
	if (is_of(newlines, c))
		return PRE_KEY;
	return c == '\\' ? COMMENT_ESCAPE : COMMENT;
}

/* Before systemd 254 the comment went on in the next line. */
static enum state comment_escape(struct reading *reading, char c)
{
	reading->after = is_of(newlines, c);
	return reading->after ? PRE_KEY : COMMENT;
}

static enum state (*const state_table[])(struct reading *reading, char c) = {[PRE_KEY] = pre_key,
	[KEY] = key,
	[PRE_VALUE] = pre_value,
	[VALUE] = value,
	[ESCAPE] = escape,
	[SINGLE] = single_quote,
	[DOUBLE] = double_quote,
	[DOUBLE_ESCAPE] = double_escape,
	[COMMENT] = comment,
	[COMMENT_ESCAPE] = comment_escape};

int parse_variables(
	const char *path, void (*take)(void *context, const struct parsed *parsed), void *context)
{
	char *bytes = parse_text(path);
	struct reading reading = {.line = 1, .take = take, .context = context};
	enum state state = PRE_KEY;

	if (!bytes)
		return -errno;
	reading.key.bytes = memory_take(2, strlen(bytes) + 1);
	reading.value.bytes = memory_take(2, strlen(bytes) + 1);
	for (const char *at = bytes; *at; at++) {
		state = state_table[state](&reading, *at);
		reading.line += *at == '\n';
	}
	if (state >= PRE_VALUE && state <= DOUBLE_ESCAPE)
		end(&reading);
	free(reading.value.bytes);
	free(reading.key.bytes);
	free(bytes);
	return 0;
}
