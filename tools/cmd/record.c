/* `sockfix record`: COMMAND with the library that notes its calls, the run put away, the screen on
 * stderr. COMMAND's stdin and stdout are its own; we end as it ended. Fails open, like run. */
#include <stdio.h>
#include <unistd.h>

#include "rules/room.h"
#include "tools/cmd/arguments.h"
#include "tools/cmd/judged.h"
#include "tools/launch/guard.h"
#include "tools/launch/launch.h"
#include "tools/launch/limits.h"
#include "tools/record/left.h"
#include "tools/cmd/recording.h"
#include "tools/base/text.h"

#define NO_MEMORY "there is no memory for it"

enum { EXIT_CANCELED = 125, FLAG_EXEC = 400, FLAG_STRICT, FLAG_NO_CHILDREN };

struct request {
	struct recording recording;
	bool quiet, strict;
};

static void show(const struct recording *recording)
{
	struct judged judged;

	if (!judged_open(&judged, recording->place, false))
		return;
	if (!*recording->called)
		judged.report.directory = recording->called;
	screen_print(stderr, &judged.report);
	judged_close(&judged);
}

static int become(struct recording *recording, bool quiet)
{
	recording_begin(recording);
	left_unmark(&recording->record);
	if (!quiet)
		say("recording into %s", recording->record.folder);
	return launch_exec(recording->plan.command);
}

/* One line, for there may be no memory for more. */
static int go_bare(const struct request *request, const char *why)
{
	char **command = request->recording.plan.command;

	if (request->strict) {
		say("%s is not run (--strict): %s", command[0], why);
		return EXIT_CANCELED;
	}
	say("running %s without recording it: %s", command[0], why);
	return launch_exec_bare(command);
}

static const struct request *starting;

static void fail_open(const char *why)
{
	_exit(go_bare(starting, why));
}

static void memory_is_out(void)
{
	const struct recording *recording = &starting->recording;

	if (!recording->ran)
		fail_open(NO_MEMORY);
	say("no memory to show the recording: it is in %s",
		*recording->place ? recording->place : recording->record.folder);
	_exit(child_end_like(recording->record.status));
}

/* Why has been said. */
static int without_recording(const struct request *request)
{
	char **command = request->recording.plan.command;

	if (request->strict) {
		say("%s is not run (--strict)", command[0]);
		return EXIT_CANCELED;
	}
	say("running %s without recording it", command[0]);
	return launch_exec_bare(command);
}

static int start(struct request *request)
{
	struct recording *recording = &request->recording;
	struct plan *plan = &recording->plan;

	plan->watched = true;
	starting = request;
	room_when_out(memory_is_out);
	if (!recording_has_place(recording))
		return EXIT_CANCELED;
	if (plan->request.count == 0 && !request->quiet)
		say("rules: none. This run is only watched.");
	if (!launch_keep_environment(request->strict))
		return go_bare(request, NO_MEMORY);
	guard_begin(fail_open);
	const bool prepared = recording_prepare(recording);
	guard_end();
	if (!prepared || (request->strict && *plan->why))
		return without_recording(request);
	if (request->recording.stays)
		return become(recording, request->quiet);
	if (recording_run(recording) && !recording->living.count && !request->quiet) {
		say("recorded: %s", recording->place);
		show(recording);
	}
	if (recording->record.status != CHILD_NONE)
		return child_end_like(recording->record.status);
	return without_recording(request);
}

static int read_options(
	const struct verb *verb, int argc, char **argv, struct request *request, int *status)
{
	const char *value;

	for (;;) {
		int letter = arguments_next(verb, argc, argv, &value, status);

		if (letter == ARGUMENTS_STOP || letter == ARGUMENTS_END)
			return letter;
		if (letter == 'q')
			request->quiet = true;
		else if (letter == FLAG_EXEC)
			request->recording.stays = true;
		else if (letter == FLAG_STRICT)
			request->strict = true;
		else if (letter == FLAG_NO_CHILDREN)
			request->recording.plan.alone = true;
		else
			*status = recording_option(&request->recording, verb, letter, value);
		if (*status != EXIT_FINE)
			return ARGUMENTS_STOP;
	}
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct request request = {.quiet = false};
	struct plan *plan = &request.recording.plan;
	char why[128];
	int status = EXIT_CANCELED;
	const bool memory = recording_new(&request.recording, argc);

	if (read_options(verb, argc, argv, &request, &status) == ARGUMENTS_END) {
		plan->command = argv + optind;
		if (!plan->command[0])
			status = arguments_misuse(verb, "a COMMAND is missing");
		else if (!limits_leave_room(why, sizeof(why)))
			status = go_bare(&request, why);
		else
			status = memory ? start(&request) : go_bare(&request, NO_MEMORY);
	}
	recording_free(&request.recording);
	return status;
}

static const struct flag flag_table[] = {
	{"quiet", 'q', NULL, "no screen at the end"},
	{"exec", FLAG_EXEC, NULL,
		"become COMMAND, for services; the recording is made in DIR (-o), else below "
		"/dev/shm, stays there, and that is said"},
	{"strict", FLAG_STRICT, NULL,
		"exit with 125 rather than run COMMAND unseen, or without the rules"},
	{"no-children", FLAG_NO_CHILDREN, NULL, "COMMAND alone: what it starts is left alone"},
	RECORDING_FLAGS,
};

const struct verb verb_record = {
	.name = "record",
	.group = "find",
	.synopsis = "[-o DIR] [-q] [--exec] [--strict] [--no-children] [--limit SIZE] "
		    "[--names] " RULEBOOK_SYNOPSIS " [--] COMMAND [ARG]...",
	.summary = "run COMMAND watched: is it the sockets, how many seconds, which rule",
	.detail = "  sockfix record -- python3 import.py\n\n"
		  "Notes each call on TCP sockets, its size and its times; never a byte of what is "
		  "sent. No rule is applied unless one is named. At the end the screen of sockfix "
		  "report goes to stderr. Recordings are kept below $XDG_STATE_HOME/sockfix "
		  "(~/.local/state/sockfix), of a service below its $STATE_DIRECTORY. Where "
		  "processes outlive COMMAND, daemons, the recording goes on and stays where it is "
		  "made, and that is said.\n\n"
		  "Exit status: COMMAND's own, or its signal; 125, 126 and 127 as in sockfix run.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_CANCELED,
	.first = 1,
	.run = run,
};
