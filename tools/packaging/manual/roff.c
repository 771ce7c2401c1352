/* Escapes, and the few macros of man(7) that the pages need. */
#include "tools/packaging/manual/roff.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* man(7): a backslash begins an escape, '-' becomes a hyphen that nobody can paste, and a dot or a
 * quote at the beginning of a line is a request. */
static void put(const char *text, size_t length)
{
	bool begins = true;

	for (const char *at = text; at < text + length; at++) {
		if (begins && (*at == '.' || *at == '\''))
			fputs("\\&", stdout);
		begins = *at == '\n';
		if (*at == '\\')
			fputs("\\e", stdout);
		else if (*at == '-')
			fputs("\\-", stdout);
		else if (*at == '"')
			fputs("\\(dq", stdout);
		else if (*at == '~')
			fputs("\\(ti", stdout);
		else if (*at == '^')
			fputs("\\(ha", stdout);
		else if (*at == '`')
			fputs("\\(ga", stdout);
		else if (*at == '\'')
			fputs("\\(aq", stdout);
		else
			putchar(*at);
	}
}

static void put_line(const char *text)
{
	put(text, strlen(text));
	putchar('\n');
}

void roff_title(const char *name, const char *section, const char *summary)
{
	printf(".TH %s %s \"\" \"sockfix " SOCKFIX_VERSION
	       "\" \"sockfix\"\n.nh\n.ad l\n.SH NAME\n%s \\- ",
		name, section, name);
	put_line(summary);
}

void roff_section(const char *head)
{
	printf(".SH %s\n", head);
}

void roff_part(const char *head)
{
	fputs(".SS ", stdout);
	put_line(head);
}

void roff_text(const char *text)
{
	fputs(".PP\n", stdout);
	put_line(text);
}

void roff_lines(const char *text)
{
	fputs(".PP\n.nf\n", stdout);
	put(text, strlen(text));
	if (*text && text[strlen(text) - 1] != '\n')
		putchar('\n');
	fputs(".fi\n", stdout);
}

void roff_paragraphs(const char *text)
{
	char paragraph[4096];

	while (*text) {
		const char *end = strstr(text, "\n\n");
		const size_t length = end ? (size_t)(end - text) : strlen(text);

		snprintf(paragraph, sizeof(paragraph), "%.*s", (int)length, text);
		if (strncmp(paragraph, "  ", 2) == 0)
			roff_lines(paragraph);
		else
			roff_text(paragraph);
		text += length + (end ? 2 : 0);
	}
}

void roff_item(const char *tag, const char *text)
{
	fputs(".TP\n\\fB", stdout);
	put(tag, strlen(tag));
	fputs("\\fR\n", stdout);
	put_line(text);
}

void roff_see(const char *const *page, int count)
{
	roff_section("SEE ALSO");
	for (int i = 0; i < count; i++) {
		put(page[i], strlen(page[i]));
		puts(i + 1 < count ? "," : "");
	}
}
