/* Prints what load.c found wrong. Adds no judgement: the sentences come from where the problem was
 * found, this file gives them their place and their form. */
#include "tools/show/problem.h"
#include "tools/base/text.h"

int problem_place(const char *file, int line, char *out, size_t size)
{
	if (line > 0)
		return snprintf(out, size, "%s:%d", file, line);
	return snprintf(out, size, "%s", file);
}

/* What a file holds must not move the cursor of whoever checks it. */
static void print_plain(FILE *out, const char *line)
{
	for (; *line; line++) {
		unsigned char byte = (unsigned char)*line;
		fputc((byte < ' ' && byte != '\t') || byte == 127 ? '?' : byte, out);
	}
	fputc('\n', out);
}

void problem_show(FILE *out, const struct problem *problem)
{
	char place[4096];
	problem_place(problem->file, problem->line, place, sizeof(place));
	fprintf(out, "%s%s%s: %s%s\n", text_bold(out), place, text_plain(out), problem->text,
		problem->kind == PROBLEM_NOTE ? " (note)" : "");
	if (problem->source) {
		fprintf(out, "%5d | ", problem->line);
		print_plain(out, problem->source);
	}
	if (problem->hint)
		fprintf(out, "  %s\n", problem->hint);
}

void problem_say_errors(const struct book *book)
{
	for (size_t i = 0; i < book->problems; i++) {
		const struct problem *problem = &book->problem[i];
		char place[4096];
		if (problem->kind != PROBLEM_ERROR)
			continue;
		problem_place(problem->file, problem->line, place, sizeof(place));
		say("%s: %s%s%s", place, problem->text, problem->hint ? "; " : "",
			problem->hint ? problem->hint : "");
	}
}
