/* The sentence about processes that are not in the recording: those that run on, and those that
 * became a program which the library does not get into. */
#include <string.h>

#include "tools/launch/elsewhere.h"
#include "tools/show/report.h"
#include "tools/show/units.h"

static void living_text(const struct run *run, char *text, size_t size)
{
	char count[UNITS];

	if (run->living == 1)
		snprintf(text, size, "One process of it is still running: it is not over.");
	else
		snprintf(text, size, "%s processes of it are still running: it is not over.",
			units_count(count, run->living));
}

/* What is known of a program that has its work done elsewhere. */
static void add_where(const struct run *run, char *text, size_t size)
{
	char *const command[] = {run->unseen_names, NULL};
	const size_t used = strlen(text);

	if (used + 2 < size && elsewhere(command, "", text + used + 1, size - used - 1))
		text[used] = ' ';
}

static void never_seen_text(const struct run *run, char *text, size_t size)
{
	const char *name = run->unseen_names ? run->unseen_names : "of an unknown name";
	char count[UNITS];

	snprintf(text, size,
		"%s%s that it started could not be watched (%s): the library does not get into "
		"what is static, setuid, another user's or started without our environment.",
		run->unseen == 1 ? "One" : units_count(count, run->unseen),
		run->unseen == 1	     ? " process"
		: run->unseen == TRACE_EXECS ? " processes or more"
					     : " processes",
		name);
	if (run->unseen_names)
		add_where(run, text, size);
}

void unseen_text(const struct run *run, char *text, size_t size)
{
	*text = '\0';
	if (run->living)
		living_text(run, text, size);
	else if (run->unseen)
		never_seen_text(run, text, size);
}
