/* Looks as `sockfix status` does. Must not hold anything of a process in between: it may end, and
 * its number be given to another one. */
#include "tools/metrics/look.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/live/who.h"
#include "tools/live/wrapped.h"
#include "tools/metrics/print.h"

static bool has_digit(const char *at, const char *end)
{
	for (; at < end; at++)
		if (isdigit((unsigned char)*at))
			return true;
	return false;
}

/* Behind which its number stands, where it is of a kind that comes and goes in numbers: scopes,
 * instances of a service, systemd-run's services; NULL. */
static char *before_number(char *unit, const char *end)
{
	char *at = strchr(unit, '@');

	if (strcmp(end, ".service") == 0 && at)
		return at;
	if (strcmp(end, ".scope") == 0 || strncmp(unit, "run-u", 5) == 0 ||
		strncmp(unit, "run-r", 5) == 0)
		return strchr(unit, '-');
	return NULL;
}

void unit_without_number(char *unit)
{
	static const char container[] = "container ";
	const char *const end = strrchr(unit, '.');
	char *number;

	if (strncmp(unit, container, sizeof(container) - 1) == 0) {
		strcpy(unit, "container *");
		return;
	}
	number = end ? before_number(unit, end) : NULL;
	if (!number || !has_digit(number, end))
		return;
	number[1] = '*';
	memmove(number + 2, end, strlen(end) + 1);
}

static void take(struct wrapped *process, struct counted *counted)
{
	struct who who;

	memset(counted, 0, sizeof(*counted));
	counted->pid = process->pid;
	counted->began = who_began(process->pid);
	counted->page = process->library.page;
	counted->state = process->library.state;
	snprintf(counted->release, sizeof(counted->release), "%s", process->library.release);
	if (who_take(&who, process->pid) == 0) {
		snprintf(counted->unit, sizeof(counted->unit), "%s", who.unit);
		snprintf(counted->program, sizeof(counted->program), "%s", who.name);
		unit_without_number(counted->unit);
	}
	wrapped_look_inside(process);
	counted->connections = process->inside.connections;
	if (process->inside.known)
		tally_take(process->pid, &process->library, &process->inside, &counted->tally);
	inside_free(&process->inside);
}

/* One that has become another program by exec(3) has a library elsewhere in memory, or, where that
 * lies in the same place, one that has counted less. */
static bool is_same(const struct counted *now, const struct counted *before)
{
	return now->pid == before->pid && now->began == before->began &&
	       now->page == before->page &&
	       (!now->tally.known || now->tally.sockets >= before->tally.sockets);
}

/* Both are in the order of their numbers. */
static void find_ended(
	struct fleet *fleet, const struct counted *now, size_t count, const struct sums *sums)
{
	size_t at = 0;

	for (size_t i = 0; i < fleet->count; i++) {
		while (at < count && now[at].pid < fleet->before[i].pid)
			at++;
		if (at == count || !is_same(&now[at], &fleet->before[i]))
			sums_add_ended(&fleet->ended, &fleet->before[i], sums);
	}
}

/* What could not be read this time has not ended: it is as it was. */
static void keep_unread(const struct fleet *fleet, struct counted *now)
{
	for (size_t i = 0; !now->tally.known && i < fleet->count; i++)
		if (is_same(now, &fleet->before[i]))
			now->tally = fleet->before[i].tally;
}

static int compare_pid(const void *left, const void *right)
{
	const pid_t a = *(const pid_t *)left, b = *(const pid_t *)right;

	return (a > b) - (a < b);
}

/* It is there still, but this look could not see into it. What begins a program without the library
 * is seen, and has ended. */
static bool is_hidden(const struct counted *before, const struct wrapped_all *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->process[i].pid == before->pid)
			return false;
	if (all->withouts && bsearch(&before->pid, all->without, all->withouts,
				     sizeof(*all->without), compare_pid))
		return false;
	return before->began && who_began(before->pid) == before->began;
}

/* Such a process is as it was: were it ended, it would be counted again as soon as it is seen.
 * Returns how many there are now. */
static size_t keep_hidden(const struct fleet *fleet, const struct wrapped_all *all,
	struct counted *now, struct sums *sums)
{
	size_t count = all->count;

	for (size_t i = 0; i < fleet->count; i++)
		if (is_hidden(&fleet->before[i], all)) {
			now[count++] = fleet->before[i];
			sums_add(sums, &fleet->before[i]);
		}
	if (count)
		qsort(now, count, sizeof(*now), compare_pid);
	return count;
}

int fleet_take(struct fleet *fleet, struct sums *sums)
{
	struct wrapped_all all;
	int error = wrapped_find(&all);
	struct counted *now = memory_take(all.count + fleet->count, sizeof(*now));
	size_t count;

	*sums = (struct sums){.process = NULL};
	sums_keep_places(sums, &fleet->places);
	for (size_t i = 0; i < all.count; i++) {
		take(&all.process[i], &now[i]);
		keep_unread(fleet, &now[i]);
		sums_add(sums, &now[i]);
	}
	if (!error) {
		count = keep_hidden(fleet, &all, now, sums);
		find_ended(fleet, now, count, sums);
		sums_unite(sums, &fleet->ended);
		sums_drop_empty(sums);
		sums_free(&fleet->places);
		sums_keep_places(&fleet->places, sums);
		free(fleet->before);
		fleet->before = now;
		fleet->count = count;
		fleet->unseen = all.unseen;
	} else
		free(now);
	free(all.process);
	free(all.without);
	return error;
}

int fleet_print(struct fleet *fleet, char **text, size_t *length)
{
	struct sums sums;
	int error = fleet_take(fleet, &sums);
	FILE *out = error ? NULL : open_memstream(text, length);

	if (!error && !out)
		error = -ENOMEM;
	if (out) {
		metrics_print(out, &sums, fleet->unseen);
		if (fclose(out) != 0)
			error = -ENOMEM;
	}
	sums_free(&sums);
	return error;
}

void fleet_free(struct fleet *fleet)
{
	free(fleet->before);
	sums_free(&fleet->ended);
	sums_free(&fleet->places);
	*fleet = (struct fleet){.before = NULL};
}
