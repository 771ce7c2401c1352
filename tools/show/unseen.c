/* The sentence about processes that are not in the recording: those that run on, and those that
 * became a program which the library does not get into. */
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

void unseen_text(const struct run *run, char *text, size_t size)
{
	const char *name = run->unseen_names ? run->unseen_names : "of an unknown name";
	char count[UNITS];

	*text = '\0';
	if (run->living)
		living_text(run, text, size);
	else if (run->unseen)
		snprintf(text, size,
			"%s%s that it started could not be watched (%s): the library does not get "
			"into what is static, setuid, another user's or started without our "
			"environment.",
			run->unseen == 1 ? "One" : units_count(count, run->unseen),
			run->unseen == 1	     ? " process"
			: run->unseen == TRACE_EXECS ? " processes or more"
						     : " processes",
			name);
}
