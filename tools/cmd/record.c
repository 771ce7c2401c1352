/* `sockfix record`: COMMAND with the library that notes its calls, the run put away, the screen on
 * stderr. COMMAND's stdin and stdout are its own; we end as it ended. Fails open, like run. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shim/env.h"
#include "shim/trace_format.h"
#include "tools/arguments.h"
#include "tools/judged.h"
#include "tools/launch/launch.h"
#include "tools/plan.h"
#include "tools/record/record.h"
#include "tools/show/text.h"

enum { EXIT_CANCELED = 125, FLAG_EXEC = 400, FLAG_LIMIT, FLAG_NAMES };
#define LIMIT	    (INT64_C(16) << 20)
#define LIMIT_LEAST (INT64_C(64) << 10)

struct record_plan {
	struct plan plan;
	struct record record;
	const char *wanted; /* -o */
	int64_t limit;
	bool quiet, exec, names;
};

static uint64_t now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* A size as "64K", "16M", "1G". */
static bool read_size(const char *text, int64_t *size)
{
	static const char unit[] = "KMG";
	const char *at;
	char *end;

	errno = 0;
	*size = strtoll(text, &end, 10);
	at = *end ? strchr(unit, *end) : NULL;
	if (errno || end == text || *size <= 0 || (*end && (!at || end[1])) ||
		*size > INT64_MAX >> 40)
		return false;
	if (at)
		*size <<= 10 * (at - unit + 1);
	return *size >= LIMIT_LEAST;
}

static bool trace_environment(const struct record_plan *record)
{
	char value[PATH_MAX + 16];

	snprintf(value, sizeof(value), "%s%s", record->record.folder,
		record->names ? ":" TRACE_NAMES : "");
	if (setenv(ENV_TRACE, value, 1) == 0)
		return true;
	say("no memory for the environment");
	return false;
}

static void show(const struct record_plan *record, const char *place)
{
	struct judged judged;

	if (record->quiet || !judged_open(&judged, place))
		return;
	screen_print(stderr, &judged.report);
	judged_close(&judged);
}

/* Bare, after what was wrong has been said: nothing is recorded then. */
static int run_bare(struct record_plan *record)
{
	say("running %s without recording it", record->plan.command[0]);
	return launch_exec(record->plan.command);
}

static int run_recorded(struct record_plan *plan)
{
	struct record *record = &plan->record;
	char place[PATH_MAX];

	record->command = plan->plan.command;
	record->rules = plan->plan.line;
	record->elsewhere = plan->plan.why;
	record->status = -1;
	record->started_wall = now(CLOCK_REALTIME);
	record->began = now(CLOCK_MONOTONIC);
	host_read(record->before);
	memcpy(record->after, record->before, sizeof(record->after));
	store_write(record);
	if (plan->exec) {
		say("recording into %s", record->folder);
		return launch_exec(plan->plan.command);
	}
	record->status = child_run(plan->plan.command);
	record->ended = now(CLOCK_MONOTONIC);
	record->ended_wall = now(CLOCK_REALTIME);
	host_read(record->after);
	store_write(record);
	store_move(record, plan->wanted, place);
	if (!plan->quiet)
		say("recorded: %s", place);
	show(plan, place);
	return child_end_like(record->status);
}

static int start(struct record_plan *record)
{
	struct plan *plan = &record->plan;

	plan->watched = true;
	if (plan->request.count == 0 && !record->quiet)
		say("rules: none. This run is only watched.");
	if (!plan_prepare(plan) && !*plan->why)
		return run_bare(record);
	if (!folder_make(&record->record, record->limit) || !trace_environment(record) ||
		!plan_environment(plan))
		return run_bare(record);
	return run_recorded(record);
}

static int read_options(
	const struct verb *verb, int argc, char **argv, struct record_plan *record, int *status)
{
	const char *value;

	for (;;) {
		int letter = arguments_next(verb, argc, argv, &value, status);

		if (letter == ARGUMENTS_STOP || letter == ARGUMENTS_END)
			return letter;
		if (letter == 'o')
			record->wanted = value;
		else if (letter == 'q')
			record->quiet = true;
		else if (letter == FLAG_EXEC)
			record->exec = true;
		else if (letter == FLAG_NAMES)
			record->names = true;
		else if (letter == FLAG_LIMIT && !read_size(value, &record->limit)) {
			*status = arguments_misuse(verb,
				"--limit takes a size from 64K on, such as 16M, not '%s'", value);
			return ARGUMENTS_STOP;
		} else if (letter != FLAG_LIMIT)
			rulebook_request_add(&record->plan.request, letter, value);
	}
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct record_plan record = {.limit = LIMIT};
	int status = EXIT_CANCELED;

	if (rulebook_request_new(&record.plan.request, argc) != 0) {
		say("no memory");
		return EXIT_CANCELED;
	}
	if (read_options(verb, argc, argv, &record, &status) == ARGUMENTS_END) {
		record.plan.command = argv + optind;
		status = record.plan.command[0] ? start(&record)
						: arguments_misuse(verb, "a COMMAND is missing");
	}
	plan_free(&record.plan);
	return status;
}

static const struct flag flag_table[] = {
	{"output", 'o', "DIR", "keep the recording in DIR, which must be empty or missing"},
	{"quiet", 'q', NULL, "no screen at the end"},
	{"exec", FLAG_EXEC, NULL,
		"become COMMAND, for services; the recording stays where it is made, and that is "
		"said"},
	{"limit", FLAG_LIMIT, "SIZE", "room for all processes of the run (default: 16M)"},
	{"names", FLAG_NAMES, NULL, "keep the names that are looked up, not only hashes of them"},
	RULEBOOK_FLAGS,
};

const struct verb verb_record = {
	.name = "record",
	.group = "find",
	.synopsis = "[-o DIR] [-q] [--exec] [--limit SIZE] [--names] [-r FILE]... [-P PRESET]... "
		    "[-s NAME=VALUE]... [--] COMMAND [ARG]...",
	.summary = "run COMMAND watched: is it the sockets, how many seconds, which rule",
	.detail = "  sockfix record -- python3 import.py\n\n"
		  "Notes each call on TCP sockets, its size and its times; never a byte of what is "
		  "sent. No rule is applied unless one is named. At the end the screen of sockfix "
		  "report goes to stderr. Recordings are kept below $XDG_STATE_HOME/sockfix "
		  "(~/.local/state/sockfix).\n\n"
		  "Exit status: COMMAND's own, or its signal; 125, 126 and 127 as in sockfix run.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_CANCELED,
	.first = 1,
	.run = run,
};
