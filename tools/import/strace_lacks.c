/* What an strace log does not have, in one sentence with the line to use next time. Judges only
 * what was counted. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/harmless.h"
#include "tools/import/strace_world.h"

/* Of a list: "a", "a and b", "a, b and c" is made at the end, of what is put here. */
struct list {
	char item[8][160];
	unsigned items;
};

__attribute__((format(printf, 2, 3))) static void add(struct list *list, const char *format, ...)
{
	va_list args;

	if (list->items == sizeof(list->item) / sizeof(*list->item))
		return;
	va_start(args, format);
	vsnprintf(list->item[list->items++], sizeof(*list->item), format, args);
	va_end(args);
}

static void add_times(struct list *list, const struct seen *seen)
{
	if (!seen->timed && !seen->took)
		add(list, "times (-ttt) and durations (-T), so that no second of it is known");
	else if (!seen->timed)
		add(list, "times (-ttt): what passed between calls is not known");
	else if (!seen->fine)
		add(list, "parts of a second (-ttt)");
	if (seen->timed && !seen->took)
		add(list, "durations (-T), which are taken from where the next call begins");
}

static bool lacks_moves(const struct seen *seen)
{
	return seen->flows && (!seen->reads || !seen->writes);
}

static void add_calls(struct list *list, const struct seen *seen)
{
	if (lacks_moves(seen))
		add(list, "%s of its TCP connections",
			seen->writes  ? "reads"
			: seen->reads ? "writes"
				      : "reads and writes");
	else if (seen->flows && !seen->plain)
		add(list, "calls that a filter (-e) left out: read, write, poll, close");
	if (seen->clones && !seen->followed)
		add(list, "what its children did (-f)");
	if (seen->unknown)
		add(list,
			"which of its sockets were TCP (-yy), for they were open before it began");
	if (seen->shared)
		add(list, "who waited for what on connections that several processes used");
	if (seen->crowded)
		add(list, "all but the first %d threads and %d descriptors at a time", THREADS_MOST,
			DESCS_MOST);
}

static void put(char *text, size_t size, const char *more)
{
	const size_t used = strlen(text);

	snprintf(text + used, size - used, "%s", more);
}

static void put_list(char *text, size_t size, const struct list *list)
{
	for (unsigned i = 0; i < list->items; i++) {
		put(text, size, i == 0 ? "it lacks " : i + 1 < list->items ? ", " : " and ");
		put(text, size, list->item[i]);
	}
}

/* A command that is long would be cut off, and what is cut off is no command. */
static void put_next(char *text, size_t size, const struct world *world)
{
	struct line line = {0};

	for (size_t i = 0; i < world->command_length; i += strlen(world->command + i) + 1)
		line_add_word(&line, world->command + i, strlen(world->command + i));
	put(text, size, "; next time: strace -f -ttt -T -yy -o LOG ");
	put(text, size,
		line.text && line.length < 200 && !world->command_cut ? line.text : "COMMAND");
	free(line.text);
}

void lacks_say(struct world *world)
{
	struct import_note *note = world->import->note;
	const struct seen *seen = &world->seen;
	struct list list = {.items = 0};

	*note->lacks = '\0';
	add_times(&list, seen);
	add_calls(&list, seen);
	put_list(note->lacks, sizeof(note->lacks), &list);
	/* What no other command would have brought is only said. */
	if (list.items > (unsigned)(seen->shared != 0) + (seen->crowded != 0))
		put_next(note->lacks, sizeof(note->lacks), world);
	world->import->run->partly =
		!seen->timed || !seen->fine || lacks_moves(seen) || (seen->flows && !seen->plain) ||
		seen->unknown || (seen->clones && !seen->followed) || seen->shared || seen->crowded;
}
