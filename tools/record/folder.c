/* The folder that the processes of a run write their traces to, and the budget that they share. In
 * memory where that can be had: a mapped file on a disk can stall its writer. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/trace_format.h"
#include "tools/record/record.h"
#include "tools/show/text.h"

enum { TRIES = 64 };

static bool make_below(struct record *record, const char *parent)
{
	if (!parent || snprintf(record->folder, sizeof(record->folder),
			       "%s/" FOLDER_PREFIX "XXXXXX", parent) >= (int)sizeof(record->folder))
		return false;
	return mkdtemp(record->folder) != NULL;
}

static bool write_budget(const struct record *record, int64_t limit)
{
	struct trace_budget budget = {.magic = TRACE_BUDGET_MAGIC};
	char path[PATH_MAX + 16];
	int fd;
	bool written;

	budget.left = limit;
	budget.ticks = host_clock_is_tsc();
	snprintf(path, sizeof(path), "%s/" TRACE_BUDGET, record->folder);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	written = fd >= 0 && write(fd, &budget, sizeof(budget)) == (ssize_t)sizeof(budget);
	if (!written)
		say("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return written;
}

/* One that no kept run has; where the tries find none, it will stay where it was made. */
static void choose_name(struct record *record)
{
	char state[PATH_MAX], path[PATH_MAX + sizeof(record->name)];
	const bool kept = store_state(state);
	uint16_t number;

	for (int i = 0; i < TRIES; i++) {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			number = (uint16_t)(getpid() + i);
		snprintf(record->name, sizeof(record->name), "%04x", number);
		if (!kept)
			return;
		snprintf(path, sizeof(path), "%s/%s", state, record->name);
		if (access(path, F_OK) != 0)
			return;
	}
}

const char *folder_parent(void)
{
	const char *const parent[] = {getenv("XDG_RUNTIME_DIR"), "/dev/shm", "/run"};

	for (size_t i = 0; i < sizeof(parent) / sizeof(*parent); i++)
		if (parent[i] && *parent[i] == '/' && access(parent[i], W_OK | X_OK) == 0)
			return parent[i];
	return NULL;
}

bool folder_make(struct record *record, int64_t limit)
{
	if (!make_below(record, folder_parent())) {
		say("no folder for the recording: neither XDG_RUNTIME_DIR nor /dev/shm nor /run "
		    "can be written (%s)",
			strerror(errno));
		return false;
	}
	choose_name(record);
	return write_budget(record, limit);
}
