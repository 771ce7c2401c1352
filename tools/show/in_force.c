/* Decodes the rules that a run was made under, for whoever prints them. Judges none. */
#include "tools/show/in_force.h"

#include <stdlib.h>

#include "rules/wire.h"
#include "tools/base/memory.h"

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
