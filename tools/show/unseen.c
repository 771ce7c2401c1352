/* The sentences about what is not in the recording: processes that run on, those that became a
 * program which the library does not get into, plugins that call libc around it, and connections
 * that the kernel alone saw. */
#include <string.h>

#include "tools/launch/elsewhere.h"
#include "tools/show/report.h"
#include "tools/base/units.h"

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

/* The names of those that went that way: "a.so, b.so". Returns how many. */
static size_t names_of(const struct run *run, enum trace_around_way way, char *names, size_t size)
{
	size_t count = 0, used = 0;

	*names = '\0';
	for (size_t i = 0; i < run->arounds; i++)
		if (run->around[i].way == way && used < size) {
			const int more = snprintf(names + used, size - used, "%s%s",
				count ? ", " : "", run->around[i].object);
			used += more > 0 ? (size_t)more : 0;
			count++;
		}
	return count;
}

static void add_around(
	const struct run *run, enum trace_around_way way, const char *what, char *text, size_t size)
{
	char names[TRACE_AROUNDS * (sizeof(run->around->object) + 2)];
	const size_t count = names_of(run, way, names, sizeof(names)), used = strlen(text);

	if (count)
		snprintf(text + used, size - used, "%s%s %s %s", used ? " " : "", names,
			count == 1 ? "was" : "were", what);
}

/* Where no program went unseen: one that reaches the kernel without libc, or a connection that is
 * only held, or recorded by another record. */
static void add_bypass(const struct run *run, char *text, size_t size)
{
	const struct run_bypass *bypass = &run->bypass;
	const bool one = bypass->connections == 1;
	const size_t used = strlen(text);
	char count[UNITS], sent[UNITS], received[UNITS];

	if (!bypass->connections)
		return;
	snprintf(text + used, size - used,
		"%s%s connection%s of %s went by the library%s: %s sent and %s received at least. "
		"While %s, ss -ti shows what the kernel knows of %s.",
		used ? " " : "", units_count(count, (uint64_t)bypass->connections), one ? "" : "s",
		bypass->names && *bypass->names ? bypass->names : "an unknown program",
		run->unseen || run->elsewhere ? "" : " (made without libc, or by another run)",
		units_bytes(sent, (uint64_t)bypass->sent),
		units_bytes(received, (uint64_t)bypass->received), one ? "it lasts" : "they last",
		one ? "it" : "them");
}

void unseen_text(const struct run *run, char *text, size_t size)
{
	*text = '\0';
	if (run->living)
		living_text(run, text, size);
	else if (run->unseen)
		never_seen_text(run, text, size);
	else if (run->alone)
		snprintf(text, size,
			"What it started was left alone (--no-children): record without that to "
			"see it.");
	add_around(run, AROUND_CALLS,
		"opened with RTLD_DEEPBIND and could not be watched: calls went straight to libc.",
		text, size);
	add_around(run, AROUND_CONSTRUCTORS,
		"opened with RTLD_DEEPBIND: what was called while it was opened (constructors) was "
		"not seen.",
		text, size);
	add_around(run, AROUND_NAMESPACE,
		"opened by dlmopen in a namespace with a libc of its own, and could not be "
		"watched.",
		text, size);
	add_bypass(run, text, size);
}
