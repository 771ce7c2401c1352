/* Screens of `sockfix status`, `off` and `on`. */
#include "tools/show/status.h"

#include <errno.h>
#include <jansson.h>

#include "tools/base/text.h"
#include "tools/live/permission.h"
#include "tools/show/missing.h"

static const struct state {
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

void status_show_list(FILE *out, const struct wrapped *process, size_t count)
{
	if (count)
		fprintf(out, "%s    PID  STATE     VERSION  COMMAND%s\n", text_bold(out),
			text_plain(out));
	for (size_t i = 0; i < count; i++) {
		const struct library *library = &process[i].library;

		fprintf(out, "%7d  %-8s  %-7s  %s%s\n", (int)process[i].pid,
			state_table[library->state].word,
			*library->release ? library->release : "?", process[i].command,
			library->deleted ? "  (library deleted)" : "");
	}
}

void status_show_one(FILE *out, const struct wrapped *process)
{
	const struct library *library = &process->library;

	fprintf(out, "process  %d  %s\n", (int)process->pid, process->command);
	fprintf(out, "state    %s: %s\n", state_table[library->state].word,
		state_table[library->state].meaning);
	fprintf(out, "library  %s%s\n", library->path, library->deleted ? " (deleted)" : "");
	if (*library->release)
		fprintf(out, "version  %s\nrecords  %s\n", library->release,
			library->records ? "yes" : "no");
}

static json_t *object_of(const struct wrapped *process)
{
	const struct library *library = &process->library;

	return json_pack("{s:i, s:s, s:s, s:s, s:b, s:b, s:s}", "pid", (int)process->pid, "state",
		state_table[library->state].word, "version", library->release, "library",
		library->path, "deleted", library->deleted, "records", library->records, "command",
		process->command);
}

int status_show_json(FILE *out, const struct wrapped *process, size_t count,
	const struct missing *missing, size_t missings)
{
	json_t *list = json_array();
	int error = list ? 0 : -ENOMEM;

	for (size_t i = 0; !error && i < count; i++)
		if (json_array_append_new(list, object_of(&process[i])) != 0)
			error = -ENOMEM;
	if (!error)
		error = missing_add_json(list, missing, missings);
	if (!error && json_dumpf(list, out, JSON_INDENT(2)) == 0)
		fputc('\n', out);
	json_decref(list);
	return error;
}

void status_say_error(const struct wrapped *process)
{
	const int pid = (int)process->pid;
	char why[256];

	permission_why(process->pid, process->error, why, sizeof(why));
	if (process->error == -ESRCH)
		say("there is no process %d", pid);
	else if (process->error == -ENOENT)
		say("process %d has not the library: it was not started by sockfix", pid);
	else
		say("process %d: %s", pid, why);
}

void status_say_unseen(size_t unseen)
{
	if (unseen)
		say("%zu process%s may not be looked at: root of the host sees all", unseen,
			unseen == 1 ? "" : "es");
}
