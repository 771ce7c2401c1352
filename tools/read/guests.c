/* Which files of other users are of the run: by their names, which the library gives them
 * (shim/record/file.c, shim/record/guest.c), by their owner, and by how their traces begin. Of each
 * user no more than the run may take. What a trace then says is believed no more than any other's.
 */
#include "tools/read/guests.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/read/run.h"

#define SECOND	     UINT64_C(1000000000)
#define TRACE_LEAST  (INT64_C(4) * TRACE_BLOCK) /* no trace takes less, so there are not many */
#define BUDGETS_MOST 1024u

struct guests guests_of(int directory)
{
	struct guests guests = {.owner = (uid_t)-1, .room = GUESTS_ROOM};
	struct stat budget;

	if (fstatat(directory, TRACE_BUDGET, &budget, AT_SYMLINK_NOFOLLOW) == 0)
		guests.owner = budget.st_uid;
	return guests;
}

/* PID-RANDOM.trace */
static bool is_trace(const char *name)
{
	const size_t pid = strspn(name, "0123456789"), random = sizeof("-0123456789abcdef") - 1;

	return pid && pid <= 10 && name[pid] == '-' &&
	       strspn(name + pid + 1, "0123456789abcdef") == random - 1 &&
	       strcmp(name + pid + random, ".trace") == 0;
}

/* budget-UID, of that user. */
static bool is_budget(const char *name, const struct stat *status)
{
	char own[32];

	snprintf(own, sizeof(own), TRACE_BUDGET "-%u", (unsigned)status->st_uid);
	return strcmp(name, own) == 0;
}

const char *guest_is_astray(const struct trace_header *header, uint64_t began)
{
	const uint64_t process = header->process_started;

	return began > SECOND && process && process < began - SECOND
		       ? "it is of a process that began before this run"
		       : NULL;
}

static const char *refuse_budget(struct guests *guests, const struct stat *status)
{
	if (status->st_size < (off_t)sizeof(struct trace_budget) ||
		status->st_size > (off_t)TRACE_BLOCK)
		return "it is no budget of a run";
	return guests->budgets++ < BUDGETS_MOST ? NULL : "there are too many";
}

const char *guest_misread(const struct guests *guests, int fd)
{
	_Alignas(struct trace_header) char block[TRACE_BLOCK];
	const ssize_t got = pread(fd, block, sizeof(block), 0);
	struct run_process process;
	const char *why;

	if (process_read(&process, block, got > 0 ? (size_t)got : 0, &why) != 0)
		return why;
	why = guest_is_astray(&process.header, guests->began);
	process_free(&process);
	return why;
}

/* That user's account, which may be a new one; NULL: there are too many. */
static struct guest *guest_of(struct guests *guests, uid_t uid)
{
	for (unsigned i = 0; i < guests->guests; i++)
		if (guests->guest[i].uid == uid)
			return &guests->guest[i];
	if (guests->guests == GUESTS_MOST)
		return NULL;
	guests->guest[guests->guests] = (struct guest){.uid = uid};
	return &guests->guest[guests->guests++];
}

static const char *refuse_trace(struct guests *guests, int fd, const struct stat *status)
{
	const int64_t size = status->st_size > TRACE_LEAST ? status->st_size : TRACE_LEAST;
	const char *why = guest_misread(guests, fd);
	struct guest *guest = why ? NULL : guest_of(guests, status->st_uid);

	if (why)
		return why;
	if (!guest)
		return "there are too many users";
	if (size > guests->room - guest->taken)
		return "its user's are more than the run may take (--limit)";
	guest->taken += size;
	return NULL;
}

const char *guest_refuse(struct guests *guests, const char *name, int fd, const struct stat *status)
{
	if (is_budget(name, status))
		return refuse_budget(guests, status);
	if (is_trace(name))
		return refuse_trace(guests, fd, status);
	return "no program of a run makes a file of that name";
}
