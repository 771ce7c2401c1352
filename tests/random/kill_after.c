/* Judges what a killed program has left. */
#include "kill_after.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/helper/capture.h"
#include "tests/helper/must.h"

/* "buffer" by its contract: at most what it collects, the default of coalesce_limit. */
#define LIMIT 16384

/* So many bytes that write() has returned for may be missing. Law 1 has one limit, Nagle's own: a
 * process that is killed with input in the socket that nobody has read resets the connection, and
 * the kernel drops what it held. Where the program reads each answer before it writes on, nothing
 * is held when one comes. */
static uint64_t may_be_short(
	const struct kills *kills, unsigned link, const struct killed_page *page)
{
	if (kills->mode == MODE_BUFFER)
		return LIMIT;
	if (link == LINK_UNREAD && atomic_load(&page->reset[link]))
		return UINT64_MAX;
	return 0;
}

static char *judge_link(struct kills *kills, unsigned link, const struct killed_page *page)
{
	uint64_t begun = page->begun[link], returned = page->returned[link];
	uint64_t came = page->came[link];

	kills->resets += page->reset[link];
	if (page->wrong[link])
		return must_print("connection %u: byte %llu is wrong", link,
			(unsigned long long)page->wrong[link] - 1);
	if (came > begun)
		return must_print("connection %u: %llu bytes came, %llu were written", link,
			(unsigned long long)came, (unsigned long long)begun);
	if (came >= returned)
		return NULL;
	kills->bytes_short += returned - came;
	if (returned - came <= may_be_short(kills, link, page))
		return NULL;
	return must_print("connection %u: %llu bytes came, write() had returned for %llu; %s", link,
		(unsigned long long)came, (unsigned long long)returned,
		page->reset[link] ? "reset" : "end of file");
}

char *kill_judge(struct kills *kills, const struct killed_page *page)
{
	char *fault = NULL;

	for (unsigned link = 0; link < KILLED_LINKS && !fault; link++)
		fault = judge_link(kills, link, page);
	return fault;
}

/* ---- what is left behind ---- */

static bool names(const char *name, pid_t pid)
{
	char number[16];
	const char *at;
	size_t length;

	if (pid <= 0)
		return false;
	length = (size_t)snprintf(number, sizeof(number), "%d", (int)pid);
	at = strstr(name, number);
	return at && (at == name || at[-1] < '0' || at[-1] > '9') &&
	       (at[length] < '0' || at[length] > '9');
}

/* Processes of long ago had the same numbers. */
static bool is_new(DIR *directory, const char *name, const struct timespec *began)
{
	struct stat status;

	return fstatat(dirfd(directory), name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (status.st_ctim.tv_sec > began->tv_sec ||
		       (status.st_ctim.tv_sec == began->tv_sec &&
			       status.st_ctim.tv_nsec >= began->tv_nsec));
}

static char *look_into(const char *folder, const struct killed_page *page, pid_t program,
	const struct timespec *began)
{
	DIR *directory = folder ? opendir(folder) : NULL;
	struct dirent *entry;
	char *fault = NULL;

	while (directory && !fault && (entry = readdir(directory)))
		if ((names(entry->d_name, program) || names(entry->d_name, page->pid) ||
			    names(entry->d_name, page->child)) &&
			is_new(directory, entry->d_name, began))
			fault = must_print("%s/%s is left", folder, entry->d_name);
	if (directory)
		closedir(directory);
	return fault;
}

char *kill_leftover(const struct killed_page *page, pid_t program, const struct timespec *began)
{
	const char *const folder[] = {
		"/tmp", "/var/tmp", "/dev/shm", "/run", getenv("XDG_RUNTIME_DIR")};
	char *fault = NULL;

	if (kill(-program, 0) == 0 || errno != ESRCH)
		return must_print("a process of group %d is left", (int)program);
	for (size_t i = 0; i < sizeof(folder) / sizeof(*folder) && !fault; i++)
		fault = look_into(folder[i], page, program, began);
	return fault;
}

/* ---- recorded ---- */

char *kill_folder_new(void)
{
	return capture_folder_new();
}

void kill_folder_free(char *folder)
{
	capture_folder_free(folder);
}

void kill_record(struct launch *launch, const char *folder, const char *seed)
{
	const char *const word[] = {"record", "-q", "-o", must_print("%s/run", folder), "--",
		build_path("victims/killed"), seed};

	launch->program = build_path("sockfix");
	launch->mode = MODE_BARE; /* the command brings the library */
	memcpy(launch->argument, word, sizeof(word));
}

/* Its state and its process group, by /proc/PID/stat (proc(5)); false: it is gone. */
static bool look_at(const char *pid, char *state, pid_t *group)
{
	char *path = must_print("/proc/%s/stat", pid), text[512] = "";
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
	const char *behind = strrchr(text, ')'); /* of the name, which may have any in it */

	free(path);
	if (file)
		fclose(file);
	return length > 0 && behind && sscanf(behind, ") %c %*d %d", state, group) == 2;
}

static void wait_until_stopped(pid_t pid)
{
	char *name = must_print("%d", (int)pid), state;
	pid_t group;

	while (look_at(name, &state, &group) && state != 'T' && state != 'Z')
		sched_yield();
	free(name);
}

/* A child may be there that the page does not name yet. */
static void kill_others(pid_t group, pid_t program)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;

	MUST(directory);
	while ((entry = readdir(directory))) {
		pid_t pid = atoi(entry->d_name), its_group;
		char state;

		if (pid > 0 && pid != group && pid != program &&
			look_at(entry->d_name, &state, &its_group) && its_group == group)
			kill(pid, SIGKILL);
	}
	closedir(directory);
}

void kill_recorded(const struct killed_page *page, pid_t recorder)
{
	pid_t pid = atomic_load(&page->pid);

	/* Before it has begun there is nothing to kill but the command. */
	if (pid == 0) {
		kill(-recorder, SIGKILL);
		return;
	}
	kill(pid, SIGSTOP);
	wait_until_stopped(pid); /* it makes no child any more */
	kill_others(recorder, pid);
	kill(pid, SIGKILL);
}

/* A report that was printed answers 0; one that found something may say 1. */
char *kill_report(const char *folder)
{
	struct capture capture = {.env = capture_clean};
	char *line = must_print("report %s/run", folder), *fault = NULL;

	capture_sockfix(&capture, line);
	if (capture.status != 0 && capture.status != 1)
		fault = must_print("sockfix %s: status %d: %s%s", line, capture.status, capture.out,
			capture.err);
	capture_free(&capture);
	free(line);
	return fault;
}
