/* `sockfix unit --list`: a screen of what tools/unit/named.c finds. */
#include <stdio.h>
#include <stdlib.h>

#include "tools/base/harmless.h"
#include "tools/base/memory.h"
#include "tools/base/plural.h"
#include "tools/base/text.h"
#include "tools/cmd/unit.h"
#include "tools/launch/launch.h"
#include "tools/unit/named.h"

static const struct {
	const char *word, *meaning;
} state_table[] = {
	[NAMED_THERE] = {"there", NULL},
	[NAMED_OTHER] = {"other", "another version or build than this command's"},
	[NAMED_GONE] = {"gone", "not there: the loader says so on stderr at each start, and goes "
				"on without it"},
	[NAMED_ASKED] = {"asked", "by name: which library that is, is not said there"},
};
enum { STATES = sizeof(state_table) / sizeof(*state_table) };

static void print_row(const struct named *named)
{
	char *where = memory_print("%s:%u", named->file, named->line);
	char *library = memory_print("%s", named->library);

	text_harmless(where);
	text_harmless(library);
	printf("%-5s  %s  %s\n", state_table[named->state].word, where, library);
	free(where);
	free(library);
}

static void print_meanings(const struct named *named, size_t count)
{
	for (int state = 0; state < STATES; state++) {
		bool is = false;

		for (size_t i = 0; i < count; i++)
			is = is || (int)named[i].state == state;
		if (is && state_table[state].meaning)
			text_item(stdout, state_table[state].word, 7, state_table[state].meaning);
	}
}

int unit_list(const char *root)
{
	char library[PATH_MAX];
	const bool own = launch_library(library) == 0;
	size_t count, unread;
	struct named *named = named_find(root, own ? library : NULL, &count, &unread);

	if (!count)
		say("nothing names libsockfix.so");
	else
		printf("%sSTATE  WHERE  LIBRARY%s\n", text_bold(stdout), text_plain(stdout));
	for (size_t i = 0; i < count; i++)
		print_row(&named[i]);
	print_meanings(named, count);
	if (unread)
		say("%zu file%s could not be read: root sees all", unread, plural(unread));
	named_free(named, count);
	return count ? EXIT_FINE : EXIT_FOUND;
}
