/* The sentences of `sockfix status` on processes without the library. */
#include "tools/show/missing.h"

#include <errno.h>

/* Between the two parts stands what was found; no second one: nothing is told of that. */
static const struct reason {
	const char *word, *before, *behind;
} reason_table[MISSING_WHYS] = {
	[MISSING_CLASS] = {"class", "the library is built for programs of another word size", NULL},
	[MISSING_STATIC] = {"static",
		"it is statically linked, no library can be preloaded into it", NULL},
	[MISSING_LIBC] = {"libc", "it is loaded by ",
		", which is neither glibc's loader nor musl's"},
	[MISSING_SECURE] = {"secure",
		"it is setuid, setgid or has file capabilities: the loader ignored LD_PRELOAD",
		NULL},
	[MISSING_LOST] = {"lost",
		"LD_PRELOAD was lost on the way; what else sockfix put into its environment was not",
		NULL},
	[MISSING_OVERWRITTEN] = {"overwritten", "LD_PRELOAD was overwritten: it is ", ""},
	[MISSING_GONE] = {"gone", "LD_PRELOAD names ", ", which is not there"},
	[MISSING_REFUSED] = {"refused", "LD_PRELOAD names ", ", which its loader did not take"},
	[MISSING_UNIT] = {"unit", "",
		" names it, but it was started before that, or without its unit's environment: "
		"systemctl restart "},
};

void missing_reason(const struct missing *missing, char *text, size_t size)
{
	const struct reason *reason = &reason_table[missing->why];

	snprintf(text, size, "%s%s%s%s", reason->before, reason->behind ? missing->what : "",
		reason->behind ? reason->behind : "",
		missing->why == MISSING_UNIT ? missing->who.unit : "");
}

void missing_show(FILE *out, const struct missing *missing, size_t count)
{
	char reason[1024];

	for (size_t i = 0; i < count; i++) {
		missing_reason(&missing[i], reason, sizeof(reason));
		fprintf(out, "dropped: process %d (%s) should have it and has not: %s\n",
			(int)missing[i].who.pid, missing[i].who.name, reason);
	}
}

static json_t *object_of(const struct missing *missing)
{
	char reason[1024];

	missing_reason(missing, reason, sizeof(reason));
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s}", "pid", (int)missing->who.pid, "state",
		"missing", "why", reason_table[missing->why].word, "reason", reason, "unit",
		missing->who.unit, "command", missing->who.command);
}

int missing_add_json(json_t *list, const struct missing *missing, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(list, object_of(&missing[i])) != 0)
			return -ENOMEM;
	return 0;
}
