/* `sockfix status --format json`: status.schema.json. */
#include <errno.h>
#include <jansson.h>

#include "tools/base/harmless.h"
#include "tools/base/memory.h"
#include "tools/find/ours.h"
#include "tools/show/in_force.h"
#include "tools/show/missing.h"
#include "tools/show/status.h"

#include <stdlib.h>

static json_t *names_of(const char *line)
{
	struct in_force rules = in_force_take(line ? line : "");
	json_t *names = line && !rules.known ? json_null() : json_array();

	for (size_t i = 0; i < rules.set.count; i++) {
		char *name = memory_print("%s", rules.set.rule[i].name);

		text_harmless(name);
		json_array_append_new(names, json_string(name));
		free(name);
	}
	in_force_free(&rules);
	return names;
}

static json_t *given_up_of(const struct inside *inside)
{
	json_t *list = json_array();

	for (int why = GIVEN_UP_NOT + 1; why < GIVEN_UP_COUNT; why++)
		if (inside->given_up[why])
			json_array_append_new(
				list, json_pack("{s:s, s:s, s:I}", "why",
					      given_up_word((enum trace_given_up)why), "reason",
					      given_up_reason((enum trace_given_up)why),
					      "connections", (json_int_t)inside->given_up[why]));
	return list;
}

static json_t *inside_of(const struct inside *inside)
{
	return json_pack("{s:o, s:I, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:s}",
		"rules", names_of(inside->rules), "rules_changed", (json_int_t)inside->changed,
		"rules_wait", inside->waits, "connections", (json_int_t)inside->connections,
		"accepted", (json_int_t)inside->servers, "listeners", (json_int_t)inside->listeners,
		"sockets", (json_int_t)inside->flows, "held", (json_int_t)inside->held, "late",
		(json_int_t)inside->late, "late_ns", (json_int_t)inside->late_ns, "collected",
		(json_int_t)inside->collected, "given_up", given_up_of(inside), "directory",
		inside->directory);
}

static json_t *object_of(const struct wrapped *process)
{
	const struct library *library = &process->library;

	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:b, s:b, s:s, s:o}", "pid", (int)process->pid,
		"state", status_word(library->state), "reason", process->reason, "version",
		library->release, "library", library->path, "deleted", library->deleted, "records",
		library->records, "command", process->command, "inside",
		process->inside.known ? inside_of(&process->inside) : json_null());
}

int status_show_json(FILE *out, const struct status_list *all)
{
	json_t *list = json_array();
	int error = list ? 0 : -ENOMEM;

	for (size_t i = 0; !error && i < all->count; i++)
		if (json_array_append_new(list, object_of(&all->process[i])) != 0)
			error = -ENOMEM;
	if (!error)
		error = missing_add_json(list, all->missing, all->missings);
	if (!error)
		error = scopes_add_json(list, all->scope, all->scopes);
	if (!error && json_dumpf(list, out, JSON_INDENT(2)) == 0)
		fputc('\n', out);
	json_decref(list);
	return error;
}
