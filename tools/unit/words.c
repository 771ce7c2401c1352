/* Cuts, unquotes and quotes. Must not expand what only systemd knows. */
#include "tools/unit/words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"

static const char letters[] = "abfnrtv\\\"' s", meant[] = "\a\b\f\n\r\t\v\\\"'  ";

/* What stands behind a backslash; *at: at it, left at its last byte. */
static char escaped(const char **at)
{
	const char *letter = strchr(letters, **at);
	unsigned value = 0, digits = 0;

	if (letter)
		return meant[letter - letters];
	if (**at == 'x' && isxdigit((unsigned char)(*at)[1]) && isxdigit((unsigned char)(*at)[2])) {
		const char two[3] = {(*at)[1], (*at)[2], '\0'};

		*at += 2;
		return (char)strtoul(two, NULL, 16);
	}
	while (digits < 3 && (*at)[digits] >= '0' && (*at)[digits] <= '7')
		value = value * 8 + (unsigned)((*at)[digits++] - '0');
	if (digits < 3)
		return **at;
	*at += 2;
	return (char)value;
}

char *words_next(const char **at)
{
	const char *from = *at + strspn(*at, " \t\r\n");
	char *word, quote = '\0';
	size_t length = 0;

	*at = from;
	if (!*from)
		return NULL;
	word = memory_take(1, strlen(from) + 1);
	for (; *from && (quote || !isspace((unsigned char)*from)); from++) {
		if (*from == '\\' && from[1]) {
			from++;
			word[length++] = escaped(&from);
		} else if (quote ? *from == quote : (*from == '"' || *from == '\''))
			quote = quote ? '\0' : *from;
		else
			word[length++] = *from;
	}
	*at = from;
	return word;
}

bool words_yes(const char *value)
{
	static const char *const yes[] = {"1", "yes", "y", "true", "t", "on"};

	for (size_t i = 0; value && i < sizeof(yes) / sizeof(*yes); i++)
		if (strcasecmp(value, yes[i]) == 0)
			return true;
	return false;
}

char *words_quoted(const char *text, bool specifiers)
{
	const bool quotes = text[strcspn(text, " \t\\\"'")] != '\0';
	char *word = memory_take(2, strlen(text) + 2), *to = word;

	if (text[strcspn(text, "\r\n")]) {
		free(word);
		return NULL;
	}
	if (quotes)
		*to++ = '"';
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			*to++ = '\\';
		if (*text == '%' && !specifiers)
			*to++ = '%';
		*to++ = *text;
	}
	if (quotes)
		*to++ = '"';
	return word;
}

/* Of "getty@tty1.service": p is getty, i is tty1, j is what stands behind the last '-' of p. */
static char *specifier(char letter, const char *unit)
{
	const char *type = strrchr(unit, '.'), *at = strchr(unit, '@');
	const size_t name = type ? (size_t)(type - unit) : strlen(unit);
	const size_t prefix = at ? (size_t)(at - unit) : name;
	const char *dash = memrchr(unit, '-', prefix);

	switch (letter) {
	case '%':
		return memory_print("%%");
	case 'n':
		return memory_print("%s", unit);
	case 'N':
		return memory_print("%.*s", (int)name, unit);
	case 'p':
		return memory_print("%.*s", (int)prefix, unit);
	case 'i':
		return memory_print("%.*s", at ? (int)(name - prefix - 1) : 0, at ? at + 1 : "");
	case 'j':
		dash = dash ? dash + 1 : unit;
		return memory_print("%.*s", (int)(unit + prefix - dash), dash);
	default:
		return NULL;
	}
}

char *words_specified(const char *text, const char *unit)
{
	char *whole = memory_print("%s", ""), *more, *one;

	for (; *text; text++) {
		if (*text == '%' && text[1])
			one = specifier(*++text, unit);
		else
			one = memory_print("%c", *text);
		if (!one) {
			free(whole);
			return NULL;
		}
		more = memory_print("%s%s", whole, one);
		free(one);
		free(whole);
		whole = more;
	}
	return whole;
}

char *words_doubled(const char *text)
{
	char *whole = memory_take(2, strlen(text) + 1), *to = whole;

	for (; *text; text++) {
		*to++ = *text;
		if (*text == '%')
			*to++ = '%';
	}
	return whole;
}
