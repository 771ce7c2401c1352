/* Who is alive of a run. A process that has the library maps the run's budget, whatever it has
 * become since; one without it, or on its way through exec, has the folder in its environment, and
 * what it starts may record again. Nobody is asked but /proc: no root, no parenthood. */
#include "tools/record/living.h"

#include <dirent.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/env.h"
#include "shim/trace_format.h"
#include "tools/record/clock.h"
#include "tools/base/harmless.h"
#include "tools/base/memory.h"

#define PATIENCE_MS 200 /* what a process that got its last byte takes to be gone */

static FILE *open_of(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return fopen(path, "re");
}

/* Whether a line of that file (they end in `end`) begins with one text and holds the other. */
static bool holds(pid_t pid, const char *name, int end, const char *begin, const char *text)
{
	FILE *file = open_of(pid, name);
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	while (file && !found && getdelim(&line, &room, end, file) >= 0)
		found = strncmp(line, begin, strlen(begin)) == 0 && strstr(line, text);
	free(line);
	if (file)
		fclose(file);
	return found;
}

static void take_name(struct living *living)
{
	FILE *file = open_of(living->first, "comm");

	if (file && fgets(living->name, sizeof(living->name), file))
		living->name[strcspn(living->name, "\n")] = '\0';
	text_harmless(living->name);
	if (file)
		fclose(file);
}

/* Whether it began then or later; CLOCK_BOOTTIME is never behind CLOCK_MONOTONIC. Spares the host's
 * others, of which reading what they have mapped would stop some for a moment. */
static bool began_since(pid_t pid, uint64_t then)
{
	const uint64_t tick = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
	FILE *file = then ? open_of(pid, "stat") : NULL;
	char line[1024] = "", *name_end;
	unsigned long long ticks = 0;

	if (!then)
		return true;
	if (file) {
		line[fread(line, 1, sizeof(line) - 1, file)] = '\0';
		fclose(file);
	}
	name_end = strrchr(line, ')');
	/* proc_pid_stat(5): starttime is the 20th after the name */
	return name_end &&
	       sscanf(name_end + 1,
		       "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		       "%*s %llu",
		       &ticks) == 1 &&
	       (ticks + 1) * tick >= then;
}

static bool belongs(pid_t pid, const char *folder, const char *budget)
{
	return holds(pid, "maps", '\n', "", budget) ||
	       holds(pid, "environ", '\0', ENV_TRACE "=", folder);
}

static void look_in(DIR *proc, const char *folder, uint64_t since, struct living *living)
{
	char *budget = memory_print("%s/" TRACE_BUDGET, folder);
	struct dirent *entry;

	while ((entry = readdir(proc))) {
		const pid_t pid = (pid_t)atoi(entry->d_name);

		if (pid > 0 && pid != getpid() && began_since(pid, since) &&
			belongs(pid, folder, budget) && !living->count++)
			living->first = pid;
	}
	free(budget);
}

/* The folder's last name is drawn by lot: who calls it by another path, or sees it from another
 * mount namespace, is found as well. */
void living_look(const char *folder, uint64_t since, struct living *living)
{
	char *whole = realpath(folder, NULL);
	const char *name = whole ? strrchr(whole, '/') : NULL;
	DIR *proc = opendir("/proc");

	*living = (struct living){.count = 0};
	if (name && proc)
		look_in(proc, name, since, living);
	if (living->count)
		take_name(living);
	if (proc)
		closedir(proc);
	free(whole);
}

static long now_ms(void)
{
	return (long)(clock_read(CLOCK_MONOTONIC) / 1000000);
}

/* Until it has ended; a signal, too, is a reason to look again. */
static void wait_for(pid_t pid, long wait_ms)
{
	struct pollfd process = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};

	if (process.fd < 0)
		return;
	poll(&process, 1, (int)wait_ms);
	close(process.fd);
}

void living_settle(const char *folder, uint64_t since, struct living *living)
{
	const long end = now_ms() + PATIENCE_MS;
	long left;

	living_look(folder, since, living);
	while (living->count && (left = end - now_ms()) > 0) {
		wait_for(living->first, left);
		living_look(folder, since, living);
	}
}
