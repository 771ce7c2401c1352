/* What the processes of a run left in its budget: how many there were, who could not record, which
 * programs were started and never seen, and which plugins called libc around the library. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tools/trace/directory.h"
#include "tools/trace/harmless.h"
#include "tools/trace/memory.h"

static bool is_named(const struct trace_budget *budget, size_t places, const char *name)
{
	for (size_t i = 0; i < places; i++)
		if (budget->exec[i].pid && strcmp(budget->exec[i].program, name) == 0)
			return true;
	return false;
}

static void add_name(struct run *run, const char *name)
{
	char *before = run->unseen_names;

	run->unseen_names =
		before ? memory_print("%s, %s", before, name) : memory_print("%s", name);
	free(before);
}

/* A place that is free, or holds the word of a program that came up. */
static bool is_no_program(const struct trace_exec *exec)
{
	return !exec->pid || (exec->pid > 0 && exec->pid & TRACE_EXEC_ARRIVED);
}

static void take_unseen(struct run *run, struct trace_budget *budget)
{
	for (size_t i = 0; i < TRACE_EXECS; i++) {
		char *name = budget->exec[i].program;

		if (is_no_program(&budget->exec[i]))
			continue;
		run->unseen++;
		name[sizeof(budget->exec[i].program) - 1] = '\0';
		text_harmless(name);
		if (*name && !is_named(budget, i, name))
			add_name(run, name);
	}
}

static void take_around(struct run *run, struct trace_budget *budget)
{
	for (size_t i = 0; i < TRACE_AROUNDS; i++) {
		struct trace_around *around = &budget->around[i];
		struct run_around *to = &run->around[run->arounds];

		around->object[sizeof(around->object) - 1] = '\0';
		if (around->way == AROUND_NOTHING || around->way > AROUND_NAMESPACE ||
			!*around->object)
			continue;
		text_harmless(around->object);
		to->way = (enum trace_around_way)around->way;
		memcpy(to->object, around->object, sizeof(to->object));
		run->arounds++;
	}
	run->around_more = run->arounds && budget->around_more;
}

/* More processes than any run has. */
#define PROCESSES_MOST (UINT64_C(1) << 40)

static bool makes_sense(const struct trace_budget *budget)
{
	return memcmp(budget->magic, TRACE_BUDGET_MAGIC, sizeof(budget->magic)) == 0 &&
	       budget->files < PROCESSES_MOST && budget->refused < PROCESSES_MOST &&
	       budget->barred < PROCESSES_MOST && budget->processes < PROCESSES_MOST &&
	       budget->confined < PROCESSES_MOST;
}

static void take_budget(struct run *run, struct trace_budget *budget)
{
	run->refused = budget->refused;
	run->barred = budget->barred;
	run->confined = budget->confined;
	if (budget->files > run->processes + run->unread)
		run->missing = budget->files - run->processes - run->unread;
	run->processes_seen = budget->processes;
	take_unseen(run, budget);
	take_around(run, budget);
}

void budget_read(struct run *run, int directory)
{
	struct trace_budget budget = {0};
	size_t length;
	char *why;
	unsigned char *bytes = file_read(directory, TRACE_BUDGET, TRACE_BLOCK, &length, &why);

	/* One that is shorter was made before such programs were noted. */
	if (bytes && length >= offsetof(struct trace_budget, exec)) {
		memcpy(&budget, bytes, length < sizeof(budget) ? length : sizeof(budget));
		if (makes_sense(&budget))
			take_budget(run, &budget);
		else
			run->damaged++;
	}
	free(bytes);
	free(why);
}
