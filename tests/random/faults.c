/* Plays the jobs: each in a program that came to that call in the census. A random program takes
 * five at a time, one in each mode, and a few play side by side; what differs from bare is printed
 * with all that plays it again.
 */
#include "faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/helper/must.h"
#include "workers.h"

#define LATE_US	    10000 /* long for threads and processes that meet */
#define LATE_ALWAYS 1000
#define TRIES	    10 /* what is learnt from times is not learnt in each run of a busy machine */

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

	return atomic_load(&job->state) == FAULT_WAITS && census->reached[program][point] >= least;
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

/* Whether what is not to be done without that call is not done. */
static bool is_silenced(
	const struct census *census, const struct fault_job *job, const struct fault_page *page)
{
	const char *name = fault_row(census->name[job->point])->silences;
	int point = job->error ? fault_point_of(census, name) : -1;

	if (point < 0 || page->reached[point] == 0)
		return true;
	tell(census, job, "although it does, the library comes to", name);
	return false;
}

/* A program that did not come to the call this time has shown nothing. */
static void finish(
	const struct census *census, struct fault_job *job, struct fault_file *file, bool same)
{
	enum fault_state state = same ? FAULT_RIGHT : FAULT_WRONG;

	if (same && !is_silenced(census, job, file->page))
		state = FAULT_WRONG;
	else if (same && file->page->order[1].fired == 0)
		state = ++job->tries < TRIES ? FAULT_WAITS : FAULT_MISSED;
	fault_file_remove(file);
	atomic_store(&job->state, state);
}

/* ---- random programs ---- */

struct hand {
	struct fault_job *job[FAULT_ARMS]; /* NULL: nothing in that mode */
	struct fault_file file[FAULT_ARMS];
};

static void play_game(const struct census *census, struct hand *hand, unsigned number)
{
	struct game game = {.seed = census->seed + number, .library = FAULT_LIBRARY};
	char *name;
	int faulty;

	for (unsigned i = 0; i < FAULT_ARMS; i++) {
		if (!hand->job[i])
			continue;
		give(census, hand->job[i], number * FAULT_ARMS + i, &hand->file[i]);
		game.variable[ARM_OFF + i] = hand->file[i].variable;
		game.arms |= 1u << (ARM_OFF + i);
	}
	MUST(list_read("0-119", &game.list));
	game_play(&game);
	faulty = game.fault ? (int)game.faulty - ARM_OFF : -1;
	MUST(!game.fault || faulty >= 0);
	name = must_print("seed %llu, %s", (unsigned long long)game.seed, arm_name[game.faulty]);
	if (game.fault)
		tell(census, hand->job[faulty], name, game.fault);
	for (int i = 0; i < FAULT_ARMS; i++)
		if (hand->job[i])
			finish(census, hand->job[i], &hand->file[i], i != faulty);
	free(name);
	free(game.list.index);
	game_free(&game);
}

/* False: there is nothing to do for it. */
static bool start_game(const struct census *census, struct fault_jobs *jobs, unsigned number)
{
	struct hand hand = {{NULL}, {{NULL, NULL, NULL}}};
	bool any = false;

	for (unsigned i = 0; i < FAULT_ARMS; i++) {
		hand.job[i] = job_for(census, jobs, number * FAULT_ARMS + i);
		if (hand.job[i])
			atomic_store(&hand.job[i]->state, FAULT_TAKEN);
		any |= hand.job[i] != NULL;
	}
	if (any && worker_begin()) {
		play_game(census, &hand, number);
		worker_end();
	}
	return any;
}

/* ---- stories ---- */

static void play_story(const struct census *census, struct fault_job *job, unsigned number)
{
	struct fault_file file;
	char *with;
	bool same;

	give(census, job, FAULT_GAMES * FAULT_ARMS + number, &file);
	with = story_play(&fault_story[number], false, FAULT_LIBRARY, file.variable);
	same = strcmp(with, census->bare[number]) == 0;
	if (!same)
		tell(census, job, fault_story[number].argument[0], with);
	free(with);
	finish(census, job, &file, same);
}

static bool start_story(const struct census *census, struct fault_jobs *jobs, unsigned number)
{
	struct fault_job *job = job_for(census, jobs, FAULT_GAMES * FAULT_ARMS + number);

	if (!job)
		return false;
	atomic_store(&job->state, FAULT_TAKEN);
	if (worker_begin()) {
		play_story(census, job, number);
		worker_end();
	}
	return true;
}

/* ---- all ---- */

static void sum_up(const struct census *census, struct fault_jobs *jobs)
{
	for (unsigned i = 0; i < jobs->count; i++) {
		struct fault_job *job = &jobs->job[i];

		if (job->state == FAULT_WAITS)
			job->state = FAULT_MISSED;
		jobs->ended[job->state]++;
		/* The last call of one run is often none of the next. */
		if (job->state == FAULT_MISSED && job->time != 0)
			tell(census, job, "no program", "none comes to it again");
	}
}

void faults_play(const struct census *census, struct fault_jobs *jobs)
{
	bool more;

	do {
		more = false;
		for (unsigned i = 0; i < FAULT_GAMES; i++)
			more |= start_game(census, jobs, i);
		for (unsigned i = 0; i < fault_stories; i++)
			more |= start_story(census, jobs, i);
		/* One that missed its call leaves its job to the next. */
	} while (more || worker_wait());
	sum_up(census, jobs);
}
