/* A rule file cut into tokens as libconfig 1.5 cuts it, to find what libconfig would take without a
 * word and to know where a mistake is.
 *
 * libconfig keeps to its one word, "syntax error", and shortens large numbers silently. This does
 * not replace its parser: it says more about what it refuses, and refuses a little more. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/text/parts.h"

struct scan {
	struct book *book;
	struct source *source;
	const char *at;
	int line;
	int depth;   /* of brackets */
	bool broken; /* there is no use in parsing the rest */
};

static bool is_mark(char c)
{
	return c && strchr("=:;,{}()[]", c);
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '*';
}

static bool is_comment(const char *at)
{
	return *at == '#' || (at[0] == '/' && (at[1] == '/' || at[1] == '*'));
}

static bool ends_lump(const char *at)
{
	return !*at || isspace((unsigned char)*at) || is_mark(*at) || *at == '"' || is_comment(at);
}

__attribute__((format(printf, 4, 5))) static void scan_refuse(
	struct scan *scan, int line, const char *hint, const char *format, ...)
{
	char text[200];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	problem_add(
		scan->book, PROBLEM_ERROR, (struct place){scan->source, line}, hint, "%s", text);
}

static void token_add(
	struct scan *scan, enum token_kind kind, int line, const char *at, size_t length)
{
	struct source *source = scan->source;

	source->token =
		book_grow(scan->book, source->token, source->tokens, sizeof(*source->token));
	source->token[source->tokens++] = (struct token){kind, line, at, length};
}

static void scan_comment(struct scan *scan)
{
	const int line = scan->line;

	if (*scan->at == '#' || scan->at[1] == '/') {
		scan->at += strcspn(scan->at, "\n");
		return;
	}
	for (scan->at += 2; *scan->at; scan->at++) {
		if (scan->at[0] == '*' && scan->at[1] == '/') {
			scan->at += 2;
			return;
		}
		scan->line += *scan->at == '\n';
	}
	scan_refuse(scan, line, "close it with */", "a comment is opened and never closed");
	scan->broken = true;
}

/* Leaves scan->at behind the closing quote; the length of the text between, or -1. */
static ssize_t scan_quoted(struct scan *scan)
{
	const char *from = ++scan->at;

	for (; *scan->at && *scan->at != '\n'; scan->at++) {
		if (scan->at[0] == '\\' && scan->at[1] && scan->at[1] != '\n')
			scan->at++;
		else if (*scan->at == '"')
			return scan->at++ - from;
	}
	scan_refuse(scan, scan->line, "close the text on the line where it begins",
		"a quote is opened and not closed");
	scan->broken = true;
	return -1;
}

static void scan_string(struct scan *scan)
{
	const char *from = scan->at + 1;
	const ssize_t length = scan_quoted(scan);

	if (length >= 0)
		token_add(scan, TOKEN_STRING, scan->line, from, (size_t)length);
}

static void scan_include(struct scan *scan)
{
	const char *from;
	ssize_t length;

	scan->at += strlen("@include");
	scan->at += strspn(scan->at, " \t");
	if (*scan->at != '"') {
		scan->at += strcspn(scan->at, "\n");
		scan_refuse(
			scan, scan->line, "@include \"FILE\"", "@include takes a file in quotes");
		scan->broken = true;
		return;
	}
	from = scan->at + 1;
	length = scan_quoted(scan);
	if (length < 0)
		return;
	if (scan->depth) {
		scan_refuse(scan, scan->line, NULL,
			"an @include stands between rules, not inside of one");
		scan->broken = true;
	}
	token_add(scan, TOKEN_INCLUDE, scan->line, from, (size_t)length);
}

/* libconfig reads a number without L as 32 bits and drops the rest. */
static void check_number(struct scan *scan, const char *text)
{
	char *end;
	bool wide;
	long long number;
	const bool hex = strpbrk(text, "xX");

	errno = 0;
	number = strtoll(text, &end, hex ? 16 : 10);
	wide = *end == 'L';
	if (errno)
		scan_refuse(
			scan, scan->line, NULL, "the number %.40s is larger than 64 bits", text);
	else if (!wide && (number > INT32_MAX || number < INT32_MIN)) {
		char hint[160];

		snprintf(hint, sizeof(hint), "write %sL, or a text with a unit such as \"5Gbit\"",
			text);
		scan_refuse(scan, scan->line, hint, "the number %s is larger than 32 bits", text);
	}
}

/* Whether libconfig takes the lump as an integer ([-+]?[0-9]+L?L?, 0x...) or a fraction. */
static bool is_integer(const char *text)
{
	const char *digits = "0123456789";

	text += *text == '-' || *text == '+';
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		text += 2;
		digits = "0123456789abcdefABCDEF";
	}
	if (!strspn(text, digits))
		return false;
	text += strspn(text, digits);
	return !*text || !strcmp(text, "L") || !strcmp(text, "LL");
}

static bool is_fraction(const char *text)
{
	char *end;

	if (text[strspn(text, "0123456789.eE+-")])
		return false;
	strtod(text, &end);
	return end != text && !*end;
}

/* What begins like a number, or like nothing at all. A ':' belongs to it, as in 2001:db8::7. */
static void scan_lump(struct scan *scan)
{
	const char *from = scan->at;
	char text[80];
	size_t length;

	scan->at++;
	while (!ends_lump(scan->at) || (*scan->at == ':' && isalnum((unsigned char)*from)))
		scan->at++;
	length = (size_t)(scan->at - from);
	snprintf(text, sizeof(text), "%.*s", length < sizeof(text) ? (int)length : 0, from);
	if (is_integer(text))
		check_number(scan, text);
	token_add(scan, is_integer(text) || is_fraction(text) ? TOKEN_NUMBER : TOKEN_LUMP,
		scan->line, from, length);
}

static void scan_word(struct scan *scan)
{
	const char *from = scan->at;
	enum token_kind kind = TOKEN_WORD;

	while (is_name(*scan->at))
		scan->at++;
	while (!ends_lump(scan->at)) {
		kind = TOKEN_LUMP;
		scan->at++;
	}
	token_add(scan, kind, scan->line, from, (size_t)(scan->at - from));
}

static void scan_mark(struct scan *scan)
{
	if (strchr("{([", *scan->at))
		scan->depth++;
	else if (strchr("})]", *scan->at))
		scan->depth--;
	token_add(scan, TOKEN_MARK, scan->line, scan->at, 1);
	scan->at++;
}

static void scan_token(struct scan *scan)
{
	const char c = *scan->at;

	if (isspace((unsigned char)c)) {
		scan->line += c == '\n';
		scan->at++;
	} else if (is_comment(scan->at)) {
		scan_comment(scan);
	} else if (c == '"') {
		scan_string(scan);
	} else if (is_mark(c)) {
		scan_mark(scan);
	} else if (!strncmp(scan->at, "@include", strlen("@include"))) {
		scan_include(scan);
	} else if (isalpha((unsigned char)c) || c == '*') {
		scan_word(scan);
	} else {
		scan_lump(scan);
	}
}

int source_scan(struct book *book, struct source *source)
{
	struct scan scan = {.book = book, .source = source, .at = source->text, .line = 1};

	source->first_problem = book->problems;
	/* After an open quote or comment the rest cannot be trusted, but numbers and texts can. */
	while (*scan.at)
		scan_token(&scan);
	token_add(&scan, TOKEN_END, scan.line, scan.at, 0);
	source->end_problem = book->problems;
	return scan.broken ? -EINVAL : 0;
}
