/* What the processes of a run left in its budget: how many there were, who could not record, which
 * programs were started and never seen, and which plugins called libc around the library. */
#include <dirent.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tools/read/directory.h"
#include "tools/base/harmless.h"
#include "tools/base/memory.h"

struct budgets {
	struct trace_budget *budget; /* the run's first */
	size_t count;
};

static bool is_named(const struct run *run, const char *name)
{
	const size_t length = strlen(name);

	for (const char *at = run->unseen_names; at; at = strchr(at, ',')) {
		at += strspn(at, ", ");
		if (strncmp(at, name, length) == 0 && (!at[length] || at[length] == ','))
			return true;
	}
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

/* Whether a guest says that it came up; of what it became, others cannot free the place. */
static bool has_arrived(const struct budgets *budgets, const struct trace_exec *exec)
{
	for (size_t b = 0; b < budgets->count; b++)
		for (size_t i = 0; i < TRACE_EXECS; i++) {
			const struct trace_exec *word = &budgets->budget[b].exec[i];

			if (word->pid == (exec->pid | TRACE_EXEC_ARRIVED) &&
				word->space == exec->space)
				return true;
		}
	return false;
}

static void take_unseen(struct run *run, const struct budgets *budgets, struct trace_budget *budget)
{
	for (size_t i = 0; i < TRACE_EXECS; i++) {
		struct trace_exec *exec = &budget->exec[i];
		char *name = exec->program;

		if (is_no_program(exec) ||
			(budget == budgets->budget && exec->pid > 0 && has_arrived(budgets, exec)))
			continue;
		run->unseen++;
		name[sizeof(exec->program) - 1] = '\0';
		text_harmless(name);
		if (*name && !is_named(run, name))
			add_name(run, name);
	}
}

static void take_around(struct run *run, struct trace_budget *budget)
{
	for (size_t i = 0; i < TRACE_AROUNDS; i++) {
		struct trace_around *around = &budget->around[i];
		struct run_around *to = &run->around[run->arounds];

		if (run->arounds == TRACE_AROUNDS)
			break;
		around->object[sizeof(around->object) - 1] = '\0';
		if (around->way == AROUND_NOTHING || around->way > AROUND_NAMESPACE ||
			!*around->object)
			continue;
		text_harmless(around->object);
		to->way = (enum trace_around_way)around->way;
		memcpy(to->object, around->object, sizeof(to->object));
		run->arounds++;
	}
	run->around_more = run->around_more || (run->arounds && budget->around_more);
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

static void take_counts(struct run *run, const struct trace_budget *budget)
{
	run->refused += budget->refused;
	run->barred += budget->barred;
	run->confined += budget->confined;
	run->missing += budget->files;
	run->processes_seen += budget->processes;
}

static void take_all(struct run *run, const struct budgets *budgets)
{
	const uint64_t here = run->processes + run->unread;

	for (size_t b = 0; b < budgets->count; b++) {
		take_counts(run, &budgets->budget[b]);
		take_unseen(run, budgets, &budgets->budget[b]);
		take_around(run, &budgets->budget[b]);
	}
	run->missing = run->missing > here ? run->missing - here : 0;
}

static void add_budget(struct run *run, int directory, const char *name, struct guests *guests,
	struct budgets *budgets)
{
	struct trace_budget budget = {0};
	size_t length;
	char *why;
	unsigned char *bytes = file_read(directory, name, TRACE_BLOCK, guests, &length, &why);

	/* One that is shorter was made before such programs were noted. */
	if (bytes && length >= offsetof(struct trace_budget, exec)) {
		memcpy(&budget, bytes, length < sizeof(budget) ? length : sizeof(budget));
		if (makes_sense(&budget)) {
			budgets->budget =
				memory_grow(budgets->budget, budgets->count, sizeof(budget));
			budgets->budget[budgets->count++] = budget;
		} else {
			run->damaged++;
		}
	}
	free(bytes);
	free(why);
}

/* budget-UID, of guests. */
static int is_guests(const struct dirent *entry)
{
	const char *rest = entry->d_name + sizeof(TRACE_BUDGET) - 1;

	return strncmp(entry->d_name, TRACE_BUDGET "-", sizeof(TRACE_BUDGET)) == 0 && rest[1] &&
	       rest[1 + strspn(rest + 1, "0123456789")] == '\0';
}

void budget_read(struct run *run, int directory, struct guests *guests)
{
	struct budgets budgets = {NULL, 0};
	struct dirent **guest;
	int count;

	add_budget(run, directory, TRACE_BUDGET, guests, &budgets);
	count = scandirat(directory, ".", &guest, is_guests, alphasort);
	for (int i = 0; i < count; i++) {
		add_budget(run, directory, guest[i]->d_name, guests, &budgets);
		free(guest[i]);
	}
	if (count >= 0)
		free(guest);
	take_all(run, &budgets);
	free(budgets.budget);
}
