/* The program's dialect: its most frequent turns, as signatures, and what they waited. Three lines,
 * or with --all eight times as many; a signature that the text of another one says already has
 * none. */
#include <string.h>

#include "tools/show/report.h"
#include "tools/base/text.h"
#include "tools/base/units.h"

#define LABEL "  its dialect:"

enum { LINES = 3, INDENT = 16, FIGURES = 31 };

/* So that a figure shows it. */
static bool has_waited(const struct signature *signature)
{
	return signature->count && signature->wait / signature->count >= 1000;
}

/* Turns that waited for nothing say how the program writes only where no others do. */
static bool is_worth_a_line(const struct fold *fold, const struct signature *signature)
{
	if (signature->part_of != UINT32_MAX || !signature->count)
		return false;
	for (size_t s = 0; s < fold->signatures && !has_waited(signature); s++)
		if (fold->signature[s].part_of == UINT32_MAX && has_waited(&fold->signature[s]))
			return false;
	return true;
}

/* The most frequent ones of all endpoints that no other text says already. */
static size_t choose(const struct fold *fold, bool all, const struct signature *chosen[LINES * 8])
{
	const size_t most = all ? (size_t)LINES * 8 : LINES;
	size_t count = 0;

	for (size_t s = 0; s < fold->signatures; s++) {
		const struct signature *signature = &fold->signature[s];
		size_t at = count;

		if (!is_worth_a_line(fold, signature))
			continue;
		while (at && chosen[at - 1]->count < signature->count)
			at--;
		if (at == most)
			continue;
		memmove(&chosen[at + 1], &chosen[at],
			((count < most ? count : most - 1) - at) * sizeof(*chosen));
		chosen[at] = signature;
		count += count < most;
	}
	return count;
}

/* Of the texts that leave room for the figures the longest one's columns. */
static size_t measure(const struct signature *const *chosen, size_t count, size_t width)
{
	size_t longest = 0;

	for (size_t i = 0; i < count; i++) {
		const size_t length = strlen(chosen[i]->text);
		if (length > longest && INDENT + length + FIGURES <= width)
			longest = length;
	}
	return longest;
}

/* Texts that are longer have lines of their own, before the figures. What no answer came to has
 * waited for none. */
static void print_line(
	FILE *out, const char *label, const struct signature *signature, size_t columns)
{
	const bool fits = strlen(signature->text) <= columns;
	char times[UNITS], each[UNITS];

	if (!fits)
		text_item(out, label, INDENT, signature->text);
	fprintf(out, "%-*s%-*s  x", INDENT, fits ? label : "", (int)columns,
		fits ? signature->text : "");
	units_count(times, signature->count);
	if (has_waited(signature))
		fprintf(out, "%-6s %s waited each\n", times,
			units_time(each, signature->wait / signature->count));
	else
		fprintf(out, "%s\n", times);
}

void dialect_print(FILE *out, const struct report *report)
{
	const struct signature *chosen[LINES * 8];
	const size_t count = choose(report->fold, report->all, chosen);
	const size_t columns = measure(chosen, count, text_width(out));

	for (size_t i = 0; i < count; i++)
		print_line(out, i ? "" : LABEL, chosen[i], columns);
	if (count)
		fputc('\n', out);
}
