/* Screens of programs on cgroups. */
#include "tools/show/scopes.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "tools/base/harmless.h"
#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/show/in_force.h"

static char *names_of(const struct in_force *rules)
{
	char *names = memory_print("%s", rules->known ? "" : "not known");

	for (size_t i = 0; i < rules->set.count; i++) {
		char *more = memory_print("%s%s%s", names, i ? ", " : "", rules->set.rule[i].name);

		free(names);
		names = more;
	}
	text_harmless(names);
	return names;
}

static void show(FILE *out, const struct scope_row *row)
{
	struct in_force rules = in_force_take(row->rules ? row->rules : "");
	char *names = names_of(&rules), *cgroup = memory_print("%s", row->cgroup), when[32] = "";
	const time_t since = (time_t)row->since;
	struct tm time;

	text_harmless(cgroup);
	if (localtime_r(&since, &time))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &time);
	fprintf(out, "cgroup %s has rules since %s: %s\n", cgroup, when, names);
	free(cgroup);
	free(names);
	in_force_free(&rules);
}

void scopes_show(FILE *out, const struct scope_row *row, size_t count)
{
	for (size_t i = 0; i < count; i++)
		show(out, &row[i]);
}

/* ---- JSON ---- */

static json_t *names_json(const char *line)
{
	struct in_force rules = in_force_take(line ? line : "");
	json_t *names = rules.known ? json_array() : json_null();

	for (size_t i = 0; i < rules.set.count; i++) {
		char *name = memory_print("%s", rules.set.rule[i].name);

		text_harmless(name);
		json_array_append_new(names, json_string(name));
		free(name);
	}
	in_force_free(&rules);
	return names;
}

int scopes_add_json(json_t *list, const struct scope_row *row, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *cgroup = memory_print("%s", row[i].cgroup);
		json_t *object;

		text_harmless(cgroup);
		object = json_pack("{s:s, s:s, s:o, s:I, s:I}", "state", "scope", "cgroup", cgroup,
			"rules", names_json(row[i].rules), "since", (json_int_t)row[i].since,
			"program", (json_int_t)row[i].program);
		free(cgroup);
		if (json_array_append_new(list, object) != 0)
			return -ENOMEM;
	}
	return 0;
}
