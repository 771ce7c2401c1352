/* Only what the library calls and the service's own libc and sockets do not: it is no copy of
 * systemd's tables. */
#include "tools/unit/filter.h"

#include <stdlib.h>
#include <string.h>

#include "tools/unit/words.h"

/* Calls of ours, and the sets that hold them (systemd-analyze syscall-filter). */
static const struct call {
	const char *name, *sets;
	bool records;
} call_table[] = {
	{"setsockopt", " @network-io @system-service @known ", false},
	{"getsockopt", " @network-io @system-service @known ", false},
	{"sendto", " @network-io @system-service @known ", false},
	{"sendmsg", " @network-io @system-service @known ", false},
	{"fallocate", " @file-system @system-service @known ", true},
	{"openat", " @file-system @system-service @known ", true},
};

/* "setsockopt", "setsockopt:EPERM", "@network-io". */
static bool names_call(const char *word, const struct call *call)
{
	const size_t length = strcspn(word, ":");
	const char *at = call->sets;

	if (*word != '@')
		return strlen(call->name) == length && strncmp(word, call->name, length) == 0;
	while ((at = strstr(at, "@")) && strcspn(at, " ") != 0) {
		if (strcspn(at, " ") == length && strncmp(at, word, length) == 0)
			return true;
		at++;
	}
	return false;
}

static bool line_names(const struct unit_line *line, const struct call *call)
{
	const char *at = line->value + (*line->value == '~');
	bool is = false;

	for (char *word; (word = words_next(&at)); free(word))
		is = is || names_call(word, call);
	return is;
}

/* The first line says whether it is a list of what may be or, with '~', of what may not; those of
 * the other kind take away from it again. */
static bool stops(const struct unit *unit, const struct call *call, const struct unit_line **by)
{
	const struct unit_line *line = unit_each(unit, "SystemCallFilter", 0);
	const bool allows = line && *line->value != '~';
	bool stopped = allows;

	*by = line;
	for (; line; line = unit_each(unit, "SystemCallFilter", (size_t)(line - unit->line) + 1)) {
		if (!line_names(line, call))
			continue;
		stopped = *line->value == '~';
		*by = line;
	}
	return stopped;
}

const char *filter_stops(const struct unit *unit, bool records, const struct unit_line **line)
{
	for (size_t i = 0; i < sizeof(call_table) / sizeof(*call_table); i++)
		if ((records || !call_table[i].records) && stops(unit, &call_table[i], line))
			return call_table[i].name;
	return NULL;
}
