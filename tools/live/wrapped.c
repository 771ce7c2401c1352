/* Goes through /proc. A process may end at any time, and is left out then. */
#include "tools/live/wrapped.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/harmless.h"
#include "tools/live/inert.h"

static void take_command(pid_t pid, char *command, size_t size)
{
	size_t length = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	file = fopen(path, "re");
	if (file) {
		length = fread(command, 1, size - 1, file);
		fclose(file);
	}
	while (length && command[length - 1] == '\0')
		length--;
	command[length] = '\0';
	for (size_t i = 0; i < length; i++)
		if (command[i] == '\0')
			command[i] = ' ';
	text_harmless(command);
}

/* What it was mapped from has another file in its place, as the process sees it. */
static bool is_replaced(pid_t pid, const struct library *library)
{
	char path[1024];

	snprintf(path, sizeof(path), "/proc/%d/root%s", (int)pid, library->path);
	return access(path, F_OK) == 0;
}

static const char *reason_of(pid_t pid, const struct library *library)
{
	if (library->state == LIBRARY_INERT)
		return inert_why(pid);
	if (!library->deleted)
		return "";
	return is_replaced(pid, library)
		       ? "library deleted, another is in its place: the older one stays until it "
			 "is restarted"
		       : "library deleted: what it starts goes without";
}

void wrapped_look(pid_t pid, struct wrapped *process)
{
	memset(process, 0, sizeof(*process));
	process->pid = pid;
	process->error = library_find(pid, &process->library);
	process->reason = process->error ? "" : reason_of(pid, &process->library);
	take_command(pid, process->command, sizeof(process->command));
}

void wrapped_look_inside(struct wrapped *process)
{
	const enum library_state state = process->library.state;

	if (!process->error && state != LIBRARY_OTHER && state != LIBRARY_INERT)
		inside_take(process->pid, &process->library, &process->inside);
}

static int add_without(struct wrapped_all *all, pid_t pid)
{
	pid_t *more = realloc(all->without, (all->withouts + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	all->without = more;
	all->without[all->withouts++] = pid;
	return 0;
}

static int add(struct wrapped_all *all, pid_t pid)
{
	struct wrapped *more, process;

	wrapped_look(pid, &process);
	all->unseen += process.error == -EACCES && *process.command;
	if (process.error && process.error != -EPERM)
		return process.error == -ENOENT ? add_without(all, pid) : 0;
	more = realloc(all->process, (all->count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	all->process = more;
	all->process[all->count++] = process;
	return 0;
}

static int compare_number(const void *left, const void *right)
{
	const pid_t a = *(const pid_t *)left, b = *(const pid_t *)right;

	return (a > b) - (a < b);
}

static int compare_pid(const void *left, const void *right)
{
	const struct wrapped *a = left, *b = right;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

int wrapped_find(struct wrapped_all *all)
{
	DIR *folder = opendir("/proc");
	const struct dirent *entry;
	int error = folder ? 0 : -errno;

	memset(all, 0, sizeof(*all));
	while (!error && folder && (entry = readdir(folder))) {
		const pid_t pid = atoi(entry->d_name); /* 0: it is none */

		if (pid > 0 && pid != getpid())
			error = add(all, pid);
	}
	if (folder)
		closedir(folder);
	if (all->count)
		qsort(all->process, all->count, sizeof(*all->process), compare_pid);
	if (all->withouts)
		qsort(all->without, all->withouts, sizeof(*all->without), compare_number);
	return error;
}
