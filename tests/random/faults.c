/* Plays the jobs: each in a program that came to that call in the census. A random program takes
 * five at a time, one in each mode; what differs from bare is printed with all that plays it again.
 */
#include "faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/helper/must.h"

#define LATE_US	    10000 /* long for threads and processes that meet */
#define LATE_ALWAYS 1000
#define TRIES	    3

/* How the page tells it; of the last call, in that program. */
static void write_orders(
	const struct fault_job *job, uint32_t reached, struct fault_page *page, int behind_error)
{
	uint32_t from = job->time == 0 ? reached : job->time == FAULT_ALWAYS ? 1 : job->time;

	if (job->behind >= 0)
		page->order[0] = (struct fault_order){
			.point = job->behind, .from = 1, .to = UINT32_MAX, .error = behind_error};
	page->order[1] = (struct fault_order){.point = (int32_t)job->point,
		.from = from,
		.to = job->time == FAULT_ALWAYS ? UINT32_MAX : from,
		.error = job->error,
		.late_us = job->error ? 0 : LATE_US};
}

static void give(const struct census *census, const struct fault_job *job, unsigned program,
	struct fault_file *file)
{
	fault_file_make(file);
	write_orders(job, census->reached[program][job->point], file->page,
		fault_row(census->name[job->point])->behind_error);
}

/* Whether that program is to be tried with it. */
static bool fits(const struct census *census, const struct fault_job *job, unsigned program)
{
	unsigned point = job->behind >= 0 ? (unsigned)job->behind : job->point;
	uint32_t least = job->time == FAULT_ALWAYS || job->time == 0 ? 1 : job->time;

	return !job->done && census->reached[program][point] >= least;
}

static struct fault_job *job_for(
	const struct census *census, const struct fault_jobs *jobs, unsigned program)
{
	for (unsigned i = 0; i < jobs->count; i++)
		if (fits(census, &jobs->job[i], program))
			return &jobs->job[i];
	return NULL;
}

static void tell(const struct census *census, const struct fault_job *job, const char *program,
	const char *fault)
{
	char time[16];

	snprintf(time, sizeof(time), "%u", job->time);
	printf("%s: call %s of %s %s %s: %s\n", program,
		job->time == FAULT_ALWAYS ? "each"
		: job->time == 0	  ? "last"
					  : time,
		census->name[job->point], job->error ? "fails with" : "is late",
		job->error ? strerrorname_np(job->error) : "", fault);
	fflush(stdout);
}

/* A program that did not come to the call this time has shown nothing. */
static void finish(
	struct fault_jobs *jobs, struct fault_job *job, struct fault_file *file, bool same)
{
	if (same && file->page->order[1].fired == 0) {
		job->done = ++job->tries == TRIES;
		jobs->missed += job->done;
		/* The last call of one run is often none of the next. */
		job->failed = job->done && job->time != 0;
	} else {
		job->done = true;
		job->failed = !same;
		jobs->played++;
	}
	jobs->failed += !same;
	fault_file_remove(file);
}

/* ---- random programs ---- */

static bool play_game(const struct census *census, struct fault_jobs *jobs, unsigned number)
{
	struct game game = {.seed = census->seed + number, .library = FAULT_LIBRARY};
	struct fault_job *job[FAULT_ARMS], *faulty;
	struct fault_file file[FAULT_ARMS];
	char *name;

	for (unsigned i = 0; i < FAULT_ARMS; i++) {
		job[i] = job_for(census, jobs, number * FAULT_ARMS + i);
		if (!job[i])
			continue;
		job[i]->done = true; /* until it is known: the other modes take others */
		give(census, job[i], number * FAULT_ARMS + i, &file[i]);
		game.variable[ARM_OFF + i] = file[i].variable;
		game.arms |= 1u << (ARM_OFF + i);
	}
	if (!game.arms)
		return false;
	MUST(list_read("0-119", &game.list));
	game_play(&game);
	faulty = game.fault && game.faulty >= ARM_OFF ? job[game.faulty - ARM_OFF] : NULL;
	name = must_print("seed %llu, %s", (unsigned long long)game.seed, arm_name[game.faulty]);
	if (faulty)
		tell(census, faulty, name, game.fault);
	MUST(!game.fault || faulty);
	for (unsigned i = 0; i < FAULT_ARMS; i++) {
		if (!job[i])
			continue;
		job[i]->done = false;
		finish(jobs, job[i], &file[i], job[i] != faulty);
	}
	free(name);
	free(game.list.index);
	game_free(&game);
	return true;
}

/* ---- stories ---- */

static bool play_story(const struct census *census, struct fault_jobs *jobs, unsigned number)
{
	unsigned program = FAULT_GAMES * FAULT_ARMS + number;
	struct fault_job *job = job_for(census, jobs, program);
	struct fault_file file;
	char *with;
	bool same;

	if (!job)
		return false;
	give(census, job, program, &file);
	with = story_play(&fault_story[number], false, FAULT_LIBRARY, file.variable);
	same = strcmp(with, census->bare[number]) == 0;
	if (!same)
		tell(census, job, fault_story[number].argument[0], with);
	free(with);
	finish(jobs, job, &file, same);
	return true;
}

/* Random programs first: five jobs cost one program. */
void faults_play(const struct census *census, struct fault_jobs *jobs)
{
	bool more = true;

	while (more) {
		more = false;
		for (unsigned i = 0; i < FAULT_GAMES; i++)
			more |= play_game(census, jobs, i);
	}
	for (unsigned i = 0; i < fault_stories; i++)
		while (play_story(census, jobs, i))
			;
	for (unsigned i = 0; i < jobs->count; i++) {
		struct fault_job *job = &jobs->job[i];

		if (!job->done || (job->failed && job->tries == TRIES))
			tell(census, job, "no program", "does not come to it again");
		jobs->missed += !job->done;
	}
}
