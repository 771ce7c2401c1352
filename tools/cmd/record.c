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

enum {
	EXIT_CANCELED = 125,
	FLAG_EXEC = 400,
	FLAG_STRICT,
	FLAG_NO_CHILDREN,
	FLAG_PROGRESS,
	FLAG_NO_PROGRESS
};

struct request {
	struct recording recording;
	bool quiet, strict, progress, no_progress;
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
		else if (letter == FLAG_PROGRESS)
			request->progress = true;
		else if (letter == FLAG_NO_PROGRESS)
			request->no_progress = true;
		else
			*status = recording_option(&request->recording, verb, letter, value);
		if (*status != EXIT_FINE)
			return ARGUMENTS_STOP;
	}
}

static void settle_progress(struct request *request)
{
	request->recording.progress = request->progress			       ? PROGRESS_ALWAYS
				      : request->quiet || request->no_progress ? PROGRESS_NEVER
									       : PROGRESS_FITTING;
	if (request->progress && !isatty(STDERR_FILENO))
		say("--progress wants a terminal on stderr: nothing is shown before the end");
}

/* EXIT_FINE, or said. */
static int check_options(const struct verb *verb, const struct request *request)
{
	if (!request->recording.plan.command[0])
		return arguments_misuse(verb, "a COMMAND is missing");
	if (request->progress && request->no_progress)
		return arguments_misuse(verb, "--progress and --no-progress exclude each other");
	if (request->progress && request->recording.stays)
		return arguments_misuse(
			verb, "--progress goes not with --exec: nobody stays who could show it");
	return EXIT_FINE;
}

static int go(struct request *request, bool memory)
{
	char why[128];

	if (!limits_leave_room(why, sizeof(why)))
		return go_bare(request, why);
	if (!memory)
		return go_bare(request, NO_MEMORY);
	settle_progress(request);
	return start(request);
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct request request = {.quiet = false};
	int status = EXIT_CANCELED;
	const bool memory = recording_new(&request.recording, argc);

	if (read_options(verb, argc, argv, &request, &status) == ARGUMENTS_END) {
		request.recording.plan.command = argv + optind;
		status = check_options(verb, &request);
		if (status == EXIT_FINE)
			status = go(&request, memory);
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
	{"progress", FLAG_PROGRESS, NULL,
		"keep a line on the terminal that says how it goes, also where COMMAND writes there"},
	{"no-progress", FLAG_NO_PROGRESS, NULL, "no such line"},
	RECORDING_FLAGS,
};

const struct verb verb_record = {
	.name = "record",
	.group = "find",
	.synopsis = "[-o DIR] [-q] [--exec] [--strict] [--no-children] [--progress | "
		    "--no-progress] [--limit SIZE] [--names] " RULEBOOK_SYNOPSIS
		    " [--] COMMAND [ARG]...",
	.summary = "run COMMAND watched: is it the sockets, how many seconds, which rule",
	.detail =
		"  sockfix record -- python3 import.py\n\n"
		"Notes each call on TCP sockets, its size and its times; never a byte of what is "
		"sent. No rule is applied unless one is named. At the end the screen of sockfix "
		"report goes to stderr. Recordings are kept below $XDG_STATE_HOME/sockfix "
		"(~/.local/state/sockfix), of a service below its $STATE_DIRECTORY. Where "
		"processes outlive COMMAND, daemons, the recording goes on and stays where it is "
		"made, and that is said.\n\n"
		"While it runs a line on stderr says, once a second, for how long, how many "
		"connections and calls there were, and how long they stalled: what the kernel was "
		"seen to hold back (N01, N02); the screen at the end knows more. It is shown on a "
		"terminal, after five seconds, where no process of COMMAND has its stdout or "
		"stderr there; with --progress on any terminal, from the first second on.\n\n"
		"Exit status: COMMAND's own, or its signal; 125, 126 and 127 as in sockfix run.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_CANCELED,
	.first = 1,
	.run = run,
};
