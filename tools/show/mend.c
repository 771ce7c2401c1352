/* A rule as text, as rule files have it and as it is pasted. */
#include <string.h>

#include "tools/show/report.h"

/* Bytes up to and with the setting's semicolon, which may stand in quotes before. */
static size_t setting_length(const char *text)
{
	bool quoted = false;
	size_t length = 0;

	for (; text[length] && (quoted || text[length] != ';'); length++) {
		if (text[length] == '\\' && text[length + 1])
			length++;
		else if (text[length] == '"')
			quoted = !quoted;
	}
	return length + (text[length] == ';');
}

/* "  { match: { role = "client"; port = 143; };" */
static void print_group(
	FILE *out, int indent, size_t width, const char *head, const char *text, const char *tail)
{
	const size_t begin = (size_t)indent + strlen(head);
	size_t column = begin;

	fprintf(out, "%*s%s", indent, "", head);
	while (*(text += strspn(text, " "))) {
		const size_t length = setting_length(text);
		const size_t end = text[length] ? length : length + strlen(tail);
		if (column > begin && column + 1 + end > width) {
			fprintf(out, "\n%*s", (int)begin, "");
			column = begin;
		}
		column += (size_t)fprintf(
			out, "%s%.*s", column > begin ? " " : "", (int)length, text);
		text += length;
	}
	fprintf(out, "%s\n", tail);
}

void mend_print(FILE *out, const struct mend *mend, int indent, size_t width)
{
	fprintf(out, "%*s%s:\n", indent, "", mend->name);
	print_group(out, indent, width, "  { match: { ", mend->match, " };");
	print_group(out, indent, width, "    set:   { ", mend->set,
		mend->force ? " }; force = true; };" : " }; };");
}
