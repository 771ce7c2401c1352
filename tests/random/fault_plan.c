/* Which calls are to fail how: from the census and the table. Plays nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"
#include "tests/helper/must.h"
#include "workers.h"

static void add(struct fault_jobs *jobs, struct fault_job job)
{
	if (!jobs->job)
		jobs->job = worker_memory(FAULT_JOBS * sizeof(*jobs->job));
	MUST(jobs->count < FAULT_JOBS);
	jobs->job[jobs->count++] = job;
}

int fault_point_of(const struct census *census, const char *part)
{
	for (unsigned i = 0; part && i < census->points; i++)
		if (strstr(census->name[i], part))
			return (int)i;
	MUST(!part);
	return -1;
}

/* Programs that come to it. */
static unsigned programs(const struct census *census, const struct fault_job *job)
{
	unsigned point = job->behind >= 0 ? (unsigned)job->behind : job->point, count = 0;

	for (unsigned i = 0; i < FAULT_PROGRAMS; i++)
		count += census->reached[i][point] > 0;
	return count;
}

/* Whether one of them comes to it so often. */
static bool comes(const struct census *census, unsigned point, uint32_t times)
{
	for (unsigned i = 0; i < FAULT_PROGRAMS; i++)
		if (census->reached[i][point] >= times)
			return true;
	return false;
}

static const struct census *sorted_by;

static int rarest_first(const void *a, const void *b)
{
	const struct fault_job *one = a, *two = b;
	int more = (int)programs(sorted_by, one) - (int)programs(sorted_by, two);

	return more ? more : (int)one->point - (int)two->point;
}

/* So that those which few programs come to are not left to the end. */
static void sort(const struct census *census, struct fault_jobs *jobs)
{
	sorted_by = census;
	qsort(jobs->job, jobs->count, sizeof(*jobs->job), rarest_first);
}

/* A sandbox goes on refusing, too. */
static bool lasts(const struct fault_row *row, int error)
{
	return row->lasts || error == EPERM || error == ENOSYS;
}

static void plan_error(const struct census *census, struct fault_jobs *jobs,
	const struct fault_row *row, struct fault_job job, bool thorough)
{
	static const uint32_t times[] = {1, FAULT_ALWAYS, 2, 0};
	int count = thorough && job.behind < 0 ? 4 : 2;

	for (int i = 0; i < count; i++) {
		bool always = times[i] == FAULT_ALWAYS;

		if ((always && row->once) || (!always && lasts(row, job.error)))
			continue;
		if (times[i] == 2 && !comes(census, job.point, 2))
			continue;
		job.time = times[i];
		add(jobs, job);
	}
}

static void plan_point(const struct census *census, unsigned point, bool thorough,
	const struct fault_row *row, struct fault_jobs *jobs)
{
	int errors = thorough ? FAULT_ERRORS : 1;

	for (int i = 0; i < errors && row->error[i]; i++)
		plan_error(census, jobs, row,
			(struct fault_job){.point = point,
				.error = row->error[i],
				.behind = fault_point_of(census, row->behind)},
			thorough);
}

void faults_plan(const struct census *census, bool thorough, struct fault_jobs *jobs)
{
	for (unsigned i = 0; i < census->points; i++) {
		const struct fault_row *row = fault_row(census->name[i]);

		if (row && !row->never)
			plan_point(census, i, thorough, row, jobs);
	}
	sort(census, jobs);
}

void faults_plan_late(const struct census *census, struct fault_jobs *jobs)
{
	for (unsigned i = 0; i < census->points; i++) {
		struct fault_job job = {.point = i, .time = 1, .behind = -1};

		/* By chance, and not each time. */
		if (programs(census, &job) == 0 || strstr(census->name[i], "SYS_sched_yield"))
			continue;
		add(jobs, job);
	}
	sort(census, jobs);
}

void faults_free(struct fault_jobs *jobs)
{
	worker_memory_free(jobs->job, FAULT_JOBS * sizeof(*jobs->job));
	*jobs = (struct fault_jobs){0};
}
