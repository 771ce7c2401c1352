/* Text of the HTML report. */
#include "tools/show/html.h"

#include <stdlib.h>
#include <string.h>

#include "rules/room.h"
#include "tools/base/harmless.h"
#include "tools/base/memory.h"
#include "tools/base/text.h"

static void put_byte(FILE *out, char byte)
{
	static const struct {
		char byte;
		const char *text;
	} escaped[] = {
		{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

	for (size_t i = 0; i < sizeof(escaped) / sizeof(*escaped); i++)
		if (escaped[i].byte == byte) {
			fputs(escaped[i].text, out);
			return;
		}
	fputc(byte, out);
}

/* U+FFFE and U+FFFF are characters of no document. */
static void drop_nobodys(char *text)
{
	for (char *at = text; (at = strstr(at, "\xef\xbf")); at += 3)
		if ((unsigned char)at[2] >= 0xbe)
			memset(at, '?', 3);
}

void html_text(FILE *out, const char *text)
{
	char *harmless = memory_print("%s", text);

	text_harmless(harmless);
	drop_nobodys(harmless);
	for (const char *at = harmless; *at; at++)
		put_byte(out, *at);
	free(harmless);
}

void html_element(FILE *out, const char *name, const char *class, const char *text)
{
	if (class)
		fprintf(out, "<%s class=\"%s\">", name, class);
	else
		fprintf(out, "<%s>", name);
	html_text(out, text);
	fprintf(out, "</%s>", name);
}

void captured_begin(struct captured *captured, size_t width)
{
	*captured = (struct captured){0};
	captured->file = open_memstream(&captured->text, &captured->length);
	if (!captured->file)
		room_out();
	text_fix_width(width);
}

/* Without empty lines at its ends. */
static char *captured_text(struct captured *captured)
{
	if (fclose(captured->file) != 0)
		room_out();
	text_fix_width(0);
	while (captured->length && strchr(" \n", captured->text[captured->length - 1]))
		captured->text[--captured->length] = '\0';
	return captured->text + strspn(captured->text, "\n");
}

void captured_as_is(FILE *out, struct captured *captured, const char *label)
{
	char *text = captured_text(captured), *line;

	if (*text) {
		fputs("<pre tabindex=\"0\" aria-label=\"", out);
		html_text(out, label);
		fputs("\">", out);
		while ((line = strsep(&text, "\n"))) {
			html_text(out, line);
			fputc('\n', out);
		}
		fputs("</pre>\n", out);
	}
	free(captured->text);
}

/* What three blanks stand between. */
static void put_pieces(FILE *out, char *line)
{
	char *next;

	for (; *line; line = next) {
		next = strstr(line, "   ");
		if (next) {
			*next = '\0';
			next += 1 + strspn(next + 1, " ");
		} else {
			next = line + strlen(line);
		}
		html_element(out, "span", "piece", line);
		if (*next)
			fputc(' ', out);
	}
}

void captured_as_lines(FILE *out, struct captured *captured, const char *strong)
{
	char *text = captured_text(captured), *line;

	while ((line = strsep(&text, "\n"))) {
		line += strspn(line, " ");
		if (!*line)
			continue;
		fputs("<p>", out);
		if (strong && strncmp(line, strong, strlen(strong)) == 0) {
			html_element(out, "strong", NULL, strong);
			line += strlen(strong);
			html_text(out, line);
		} else if (strstr(line, "   ")) {
			put_pieces(out, line);
		} else {
			html_text(out, line);
		}
		fputs("</p>\n", out);
		strong = NULL;
	}
	free(captured->text);
}
