/* The program's dialect: its most frequent turns, as signatures, and what they waited. */
#include <string.h>

#include "tools/show/report.h"
#include "tools/show/units.h"

enum { LINES = 3, LABEL = 14, TEXT = 33 };

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

void dialect_print(FILE *out, const struct report *report)
{
	const struct signature *chosen[LINES * 8];
	const size_t count = choose(report->fold, report->all, chosen);

	for (size_t i = 0; i < count; i++) {
		const struct signature *signature = chosen[i];
		char times[UNITS], each[UNITS];
		const bool fits = strlen(signature->text) <= TEXT;

		fprintf(out, "  %-*s%-*s%s", LABEL, i ? "" : "its dialect:", TEXT, signature->text,
			fits ? "" : "\n");
		fprintf(out, "%*s   x%-6s %s waited each\n", fits ? 0 : 2 + LABEL + TEXT, "",
			units_count(times, signature->count),
			units_time(each, signature->wait / signature->count));
	}
	if (count)
		fputc('\n', out);
}
