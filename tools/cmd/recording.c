/* Recording one run: what was asked for becomes rules, a folder and an environment; COMMAND runs;
 * what was recorded is put away. Must not print anything but what is wrong, nor judge the run. */
#include "tools/cmd/recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shim/env.h"
#include "shim/trace_format.h"
#include "tools/cmd/arguments.h"
#include "tools/launch/launch.h"
#include "tools/record/clock.h"
#include "tools/record/left.h"
#include "tools/record/place.h"
#include "tools/record/watch.h"
#include "tools/base/text.h"
#include "tools/base/harmless.h"

#define LIMIT_LEAST (INT64_C(64) << 10)

bool recording_new(struct recording *recording, int argc)
{
	launch_outlive_own_writes();
	*recording = (struct recording){.record = {.lock = -1, .limit = RECORDING_LIMIT}};
	return rulebook_request_new(&recording->plan.request, argc) == 0;
}

void recording_free(struct recording *recording)
{
	plan_free(&recording->plan);
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

int recording_option(
	struct recording *recording, const struct verb *verb, int letter, const char *value)
{
	if (letter == 'o' && !*value)
		return arguments_misuse(verb, "-o takes the name of a folder, not ''");
	if (letter == 'o')
		recording->wanted = value;
	else if (letter == FLAG_NAMES)
		recording->names = true;
	else if (letter != FLAG_LIMIT)
		rulebook_request_add(&recording->plan.request, letter, value);
	else if (!read_size(value, &recording->record.limit))
		return arguments_misuse(
			verb, "--limit takes a size from 64K on, such as 16M, not '%s'", value);
	return EXIT_FINE;
}

static bool trace_environment(const struct recording *recording)
{
	char trace[PATH_MAX + 16], prove[16];

	snprintf(trace, sizeof(trace), "%s%s", recording->record.folder,
		recording->names ? ":" TRACE_NAMES : "");
	snprintf(prove, sizeof(prove), "%u", recording->prove);
	if (setenv(ENV_TRACE, trace, 1) == 0 &&
		(recording->prove ? setenv(ENV_PROVE, prove, 1) : unsetenv(ENV_PROVE)) == 0)
		return true;
	say("no memory for the environment");
	return false;
}

bool recording_has_place(const struct recording *recording)
{
	if (!recording->wanted || place_may_be(recording->wanted))
		return true;
	say("-o %s: %s; %s is not run", recording->wanted, place_why(errno),
		recording->plan.command[0]);
	return false;
}

static bool make_folder(struct recording *recording)
{
	struct record *record = &recording->record;

	if (recording->stays && recording->wanted)
		return folder_make_at(record, "-o ", recording->wanted);
	return folder_make(record);
}

bool recording_prepare(struct recording *recording)
{
	struct plan *plan = &recording->plan;
	const bool fit = plan_prepare(plan);

	if (!fit && !*plan->why)
		return false;
	/* What the library does not get into runs bare, and its recording says why it is empty. */
	return make_folder(recording) &&
	       (!fit || (trace_environment(recording) && plan_environment(plan)));
}

void recording_begin(struct recording *recording)
{
	struct record *record = &recording->record;

	record->command = recording->plan.command;
	record->rules = recording->plan.line;
	record->elsewhere = recording->plan.why;
	record->alone = recording->plan.alone;
	record->status = -1;
	record->started_wall = clock_read(CLOCK_REALTIME);
	record->began = clock_read(CLOCK_MONOTONIC);
	host_read(record->before);
	memcpy(record->after, record->before, sizeof(record->after));
	store_write(record);
}

static bool put_away(struct recording *recording)
{
	recording->called = recording->place;
	if (!store_move(&recording->record, recording->wanted, recording->place)) {
		left_unmark(&recording->record);
		return access(recording->place, F_OK) == 0;
	}
	if (!recording->wanted)
		recording->called = "";
	return true;
}

static bool is_over(struct recording *recording)
{
	const char *folder = recording->record.folder;
	struct living *living = &recording->living;
	struct line pasted = {0};

	living_settle(folder, recording->record.began, living);
	if (!living->count)
		return true;
	snprintf(recording->place, sizeof(recording->place), "%s", folder);
	recording->called = recording->place;
	line_add_word(&pasted, folder, strlen(folder));
	say("%zu process%s of it %s still running (%s, PID %d%s): the recording goes on in %s%s%s, "
	    "and sockfix report %s reads it any time",
		living->count, living->count == 1 ? "" : "es", living->count == 1 ? "is" : "are",
		living->name, (int)living->first, living->count == 1 ? "" : ", and others", folder,
		recording->wanted ? ", not in " : "", recording->wanted ? recording->wanted : "",
		pasted.text);
	free(pasted.text);
	return false;
}

/* Without the time of its end where it goes on: who reads it sees that it is not over. */
static bool finish(struct recording *recording, const struct watch *watch)
{
	struct record *record = &recording->record;
	const bool over = is_over(recording);

	if (over)
		folder_close(record);
	else
		left_unmark(record);
	host_read(record->after);
	bypass_find(watch, record->folder, &record->bypass);
	if (!over) {
		record->ended = record->ended_wall = 0;
		return store_write(record);
	}
	store_write(record);
	folder_end_pool(record);
	return put_away(recording);
}

bool recording_run(struct recording *recording)
{
	struct record *record = &recording->record;
	struct watch *watch = watch_new(recording->plan.alone);
	struct progress *progress = progress_new(record->folder, recording->progress);
	bool started, kept = false;

	recording_begin(recording);
	record->status = child_run(record, &started, watch, progress);
	progress_end(progress);
	recording->ran = started;
	if (started) {
		record->ended = clock_read(CLOCK_MONOTONIC);
		record->ended_wall = clock_read(CLOCK_REALTIME);
		kept = finish(recording, watch);
	} else {
		folder_remove(record);
	}
	left_release(record);
	child_forget_signals();
	watch_free(watch);
	return kept;
}
