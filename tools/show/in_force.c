/* Decodes the rules that a run was made under, for whoever prints them. Judges none. */
#include "tools/show/in_force.h"

#include <stdlib.h>

#include "rules/wire.h"
#include "tools/base/harmless.h"
#include "tools/base/memory.h"

#define MOST_NAMES 20

struct in_force in_force_take(const char *line)
{
	const size_t size = wire_room(line);
	struct in_force rules = {.room = memory_take(1, size)};

	rules.known = wire_decode(line, rules.room, size, &rules.set) == 0;
	if (!rules.known)
		rules.set = (struct ruleset){0};
	return rules;
}

void in_force_free(struct in_force *rules)
{
	free(rules->room);
}

char *in_force_names(const struct in_force *rules)
{
	const size_t count = rules->set.count, named = count > MOST_NAMES ? MOST_NAMES : count;
	char *names = memory_print("%s", "");

	for (size_t i = 0; i < named; i++) {
		char *more =
			memory_print("%s%s%.64s", names, i ? ", " : "", rules->set.rule[i].name);

		free(names);
		names = more;
	}
	if (named < count) {
		char *more = memory_print("%s and %zu more", names, count - named);

		free(names);
		names = more;
	}
	text_harmless(names);
	return names;
}
