/* Screens of `sockfix status`, `off` and `on`. */
#include "tools/show/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/harmless.h"
#include "tools/base/memory.h"
#include "tools/base/plural.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/find/ours.h"
#include "tools/live/permission.h"
#include "tools/show/in_force.h"

enum { INDENT = 9 };

static const struct {
	const char *word, *meaning;
} state_table[] = {
	[LIBRARY_ON] = {"on", "its rules hold"},
	[LIBRARY_OFF] = {"off", "switched off: nothing is held, and no option is set"},
	[LIBRARY_INERT] = {"inert",
		"it has no rules and records nothing: every call is the plain one"},
	[LIBRARY_RESIGNED] = {"resigned",
		"a sandbox of the program's refused a call: off for good"},
	[LIBRARY_OTHER] = {"other", "of another version than this command: it is let be"},
	[LIBRARY_UNKNOWN] = {"unknown", "its memory may not be read"},
};

const char *status_word(enum library_state state)
{
	return state_table[state].word;
}

/* A service goes on with the library that it began with, when another was installed since. */
static bool is_of_another_release(const struct library *library)
{
	return *library->release && strcmp(library->release, SOCKFIX_VERSION) != 0;
}

void status_show_list(FILE *out, const struct wrapped *process, size_t count)
{
	bool other = false;

	if (count)
		fprintf(out, "%s    PID  STATE     VERSION  COMMAND%s\n", text_bold(out),
			text_plain(out));
	for (size_t i = 0; i < count; i++) {
		const struct library *library = &process[i].library;

		fprintf(out, "%7d  %-8s  %-7s  %s%s%s%s\n", (int)process[i].pid,
			state_table[library->state].word,
			*library->release ? library->release : "?", process[i].command,
			*process[i].reason ? "  (" : "", process[i].reason,
			*process[i].reason ? ")" : "");
		other = other || is_of_another_release(library);
	}
	if (other)
		fprintf(out, "This command is of version " SOCKFIX_VERSION
			     ": where another stands, a restart brings this one.\n");
}

/* ---- one process ---- */

static void show_changes(FILE *out, const struct inside *inside)
{
	if (inside->changed)
		fprintf(out, "         changed %u time%s since it began\n", inside->changed,
			plural(inside->changed));
	if (inside->waits)
		fprintf(out, "         others were given: its next call on a socket takes them\n");
}

static void show_rules(FILE *out, const char *line)
{
	struct in_force rules = in_force_take(line ? line : "");
	char *names = rules.set.count ? in_force_names(&rules)
				      : memory_print("%s", !line	 ? "none"
							   : rules.known ? ""
									 : "not known");

	text_item(out, "rules", INDENT, names);
	free(names);
	in_force_free(&rules);
}

static void show_connections(FILE *out, const struct inside *inside)
{
	char now[UNITS], accepted[UNITS], listeners[UNITS], ever[UNITS];

	fprintf(out,
		"flows    %s connection%s now, %s accepted; %s listener%s; %s socket%s so far\n",
		units_count(now, inside->connections), plural(inside->connections),
		units_count(accepted, inside->servers), units_count(listeners, inside->listeners),
		plural(inside->listeners), units_count(ever, inside->flows), plural(inside->flows));
}

static void show_held(FILE *out, const struct inside *inside)
{
	char held[UNITS], late[UNITS], lost[UNITS], collected[UNITS];

	fprintf(out, "held     %s write%s, %s late", units_count(held, inside->held),
		plural(inside->held), units_count(late, inside->late));
	if (inside->late)
		fprintf(out, " (%s lost by it)", units_seconds(lost, inside->late_ns));
	if (inside->collected)
		fprintf(out, "; %s collected in the process",
			units_count(collected, inside->collected));
	fputc('\n', out);
}

static void show_given_up(FILE *out, const struct inside *inside)
{
	for (int why = GIVEN_UP_NOT + 1; why < GIVEN_UP_COUNT; why++) {
		const uint64_t count = inside->given_up[why];
		char number[UNITS], *line;

		if (!count)
			continue;
		line = memory_print("%s connection%s: %s", units_count(number, count),
			plural(count), given_up_reason((enum trace_given_up)why));
		text_item(out, "given up", INDENT, line);
		free(line);
	}
}

static void show_inside(FILE *out, const struct inside *inside)
{
	show_rules(out, inside->rules);
	show_changes(out, inside);
	show_connections(out, inside);
	show_held(out, inside);
	show_given_up(out, inside);
}

static void show_state(FILE *out, const struct wrapped *process)
{
	const enum library_state state = process->library.state;

	fprintf(out, "process  %d  %s\n", (int)process->pid, process->command);
	fprintf(out, "state    %s: %s\n", state_table[state].word,
		state == LIBRARY_INERT && *process->reason ? process->reason
							   : state_table[state].meaning);
	if (state != LIBRARY_INERT && *process->reason)
		text_item(out, "", INDENT, process->reason);
}

void status_show_head(FILE *out, const struct wrapped *process)
{
	show_state(out, process);
	show_rules(out, process->inside.rules);
	show_changes(out, &process->inside);
}

void status_say_state(const struct wrapped *process)
{
	const enum library_state state = process->library.state;

	say("process %d: its library is %s: %s", (int)process->pid, state_table[state].word,
		state_table[state].meaning);
}

void status_show_one(FILE *out, const struct wrapped *process)
{
	const struct library *library = &process->library;
	const struct inside *inside = &process->inside;

	show_state(out, process);
	fprintf(out, "library  %s%s\n", library->path, library->deleted ? " (deleted)" : "");
	if (*library->release)
		fprintf(out, "version  %s%s\n", library->release,
			is_of_another_release(library) ? "; this command is of " SOCKFIX_VERSION
						       : "");
	if (inside->known)
		show_inside(out, inside);
	if (*library->release)
		fprintf(out, "records  %s%s\n",
			!library->records    ? "no"
			: *inside->directory ? "in "
					     : "yes",
			library->records ? inside->directory : "");
}

/* ---- errors ---- */

void status_say_error(const struct wrapped *process)
{
	const int pid = (int)process->pid;
	char why[256];

	permission_why(process->pid, process->error, why, sizeof(why));
	if (process->error == -ESRCH)
		say("there is no process %d", pid);
	else if (process->error == -ENOENT)
		say("process %d has not the library: %s", pid,
			missing_is_untold(process->pid)
				? "whether it should cannot be told, for it has written over its "
				  "environment"
				: "it was not started by sockfix");
	else
		say("process %d: %s", pid, why);
}

void status_say_unseen(size_t unseen)
{
	if (unseen)
		say("%zu process%s may not be looked at: root of the host sees all", unseen,
			unseen == 1 ? "" : "es");
}
