/* The program's dialect: its most frequent turns, as signatures, and what they waited. Three lines,
 * or with --all eight times as many; a signature that the text of another one says already has
 * none. */
#include <string.h>

#include "tools/show/report.h"
#include "tools/show/text.h"
#include "tools/show/units.h"

#define LABEL "  its dialect:"

enum { LINES = 3, TEXT = 32 };

/* The most frequent ones of all endpoints that no other text says already. */
static size_t choose(const struct fold *fold, bool all, const struct signature *chosen[LINES * 8])
{
	const size_t most = all ? (size_t)LINES * 8 : LINES;
	size_t count = 0;

	for (size_t s = 0; s < fold->signatures; s++) {
		const struct signature *signature = &fold->signature[s];
		size_t at = count;

		if (signature->part_of != UINT32_MAX || !signature->count)
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

/* Texts that are too long for the line have lines of their own, before the figures. */
static void print_line(FILE *out, const char *label, const struct signature *signature)
{
	const int indent = (int)sizeof(LABEL) + 1;
	const bool fits = strlen(signature->text) <= TEXT;
	char times[UNITS], each[UNITS];

	if (!fits)
		text_item(out, label, (size_t)indent, signature->text);
	fprintf(out, "%-*s%-*s  x%-6s %s waited each\n", indent, fits ? label : "", TEXT,
		fits ? signature->text : "", units_count(times, signature->count),
		units_time(each, signature->wait / signature->count));
}

void dialect_print(FILE *out, const struct report *report)
{
	const struct signature *chosen[LINES * 8];
	const size_t count = choose(report->fold, report->all, chosen);

	for (size_t i = 0; i < count; i++)
		print_line(out, i ? "" : LABEL, chosen[i]);
	if (count)
		fputc('\n', out);
}
