/* Reads values of a text, and ends the test where there is none. Knows nothing of lines. */
#include "trace_text_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void trace_text_fail(const char *what, const char *at)
{
	fprintf(stderr, "trace_text: %s at '%.40s'\n", what, at);
	abort();
}

uint64_t trace_text_time(const char **at)
{
	static const struct {
		const char *name;
		double ns;
	} unit[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
	char *end;
	double number = strtod(*at, &end);

	for (size_t i = 0; end > *at && i < sizeof(unit) / sizeof(*unit); i++)
		if (strncmp(end, unit[i].name, strlen(unit[i].name)) == 0) {
			*at = end + strlen(unit[i].name);
			return (uint64_t)(number * unit[i].ns + 0.5);
		}
	trace_text_fail("no time", *at);
}

int64_t trace_text_number(const char **at)
{
	char *end;
	/* 64 bits of a set, too */
	int64_t number = **at == '-' ? strtoll(*at, &end, 0) : (int64_t)strtoull(*at, &end, 0);

	if (end == *at)
		trace_text_fail("no number", *at);
	*at = end;
	return number;
}

bool trace_text_set(void *base, const struct trace_text_member *member, size_t members,
	const char *name, size_t length, const char **value)
{
	for (size_t i = 0; i < members; i++)
		if (strlen(member[i].name) == length && memcmp(member[i].name, name, length) == 0) {
			int64_t number = trace_text_number(value);
			memcpy((char *)base + member[i].offset, &number, member[i].size);
			return true;
		}
	return false;
}
