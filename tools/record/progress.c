/* The line that `record` keeps fresh. COMMAND writes on its terminal whenever it wants: by default
 * there is a line only while no process of COMMAND has its stdout or stderr there. Must not wait
 * for the terminal, nor write from the background, which could stop us. */
#include "tools/record/progress.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tools/base/plural.h"
#include "tools/base/units.h"
#include "tools/live/family.h"
#include "tools/record/clock.h"

#define S UINT64_C(1000000000)

enum {
	FITTING_S = 5, /* shorter runs need no line that nobody asked for */
	SHARE = 100,   /* of the time, for looking: one part */
	USUAL = 80,    /* columns of a terminal that does not say */
	WIDEST = 200,
	PROCESSES = 1024,
};

struct progress {
	enum progress_wish wish;
	const char *folder;
	struct tail *tail; /* NULL: not opened before COMMAND runs, which may need the last
			    * descriptor there is */
	dev_t terminal;
	uint64_t began, cost; /* ns */
	size_t drawn;	      /* columns that the line has */
	pid_t pid[PROCESSES];
};

void progress_text(char *text, size_t size, uint64_t ns, const struct tail_sums *sums)
{
	const uint64_t s = ns / S;
	char time[UNITS], connections[UNITS], calls[UNITS], stalled[UNITS];

	if (s < 3600)
		snprintf(time, sizeof(time), "%u:%02u", (unsigned)(s / 60), (unsigned)(s % 60));
	else
		snprintf(time, sizeof(time), "%llu:%02u:%02u", (unsigned long long)(s / 3600),
			(unsigned)(s / 60 % 60), (unsigned)(s % 60));
	snprintf(text, size, "sockfix: %s  %s%s connection%s  %s%s call%s  stalled %s%s", time,
		units_count(connections, sums->connections), sums->more ? "+" : "",
		plural(sums->connections), units_count(calls, sums->calls), sums->more ? "+" : "",
		plural(sums->calls), units_seconds(stalled, sums->stalled),
		sums->full ? " until the recording was full" : "");
}

uint64_t progress_next(uint64_t now, uint64_t began, uint64_t cost)
{
	const uint64_t paid = began + cost * SHARE;

	return now + S > paid ? now + S : paid;
}

struct progress *progress_new(const char *folder, enum progress_wish wish)
{
	struct progress *progress;
	struct stat terminal;

	if (wish == PROGRESS_NEVER || !isatty(STDERR_FILENO) ||
		fstat(STDERR_FILENO, &terminal) != 0)
		return NULL;
	progress = calloc(1, sizeof(*progress));
	if (!progress)
		return NULL;
	progress->wish = wish;
	progress->terminal = terminal.st_rdev;
	progress->began = clock_read(CLOCK_MONOTONIC);
	progress->folder = folder;
	return progress;
}

/* Whether its stdout or stderr is that terminal, /dev/tty included (tty(4)); of a process that may
 * not be looked at nobody knows. */
static bool writes_there(pid_t pid, dev_t terminal)
{
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat status = {.st_mode = 0};
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
		if (stat(path, &status) != 0 && (errno == EACCES || errno == EPERM))
			return true;
		if (S_ISCHR(status.st_mode) &&
			(status.st_rdev == terminal || status.st_rdev == makedev(5, 0)))
			return true;
	}
	return false;
}

static bool is_shared(struct progress *progress, pid_t root)
{
	const size_t count = family_of(root, progress->pid, PROCESSES);

	for (size_t i = 0; i < count; i++)
		if (writes_there(progress->pid[i], progress->terminal))
			return true;
	return count == PROCESSES;
}

/* Whether the line may be drawn, or taken away, at once. */
static bool may_write(void)
{
	struct pollfd terminal = {.fd = STDERR_FILENO, .events = POLLOUT};

	return tcgetpgrp(STDERR_FILENO) == getpgrp() && poll(&terminal, 1, 0) == 1 &&
	       (terminal.revents & POLLOUT);
}

static size_t columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2)
		return USUAL;
	return size.ws_col < WIDEST ? size.ws_col : WIDEST;
}

/* text: ASCII, so that bytes are columns. Blanks go over what is longer of the line before, and the
 * cursor stays in front: what somebody else writes then takes the line's place. */
static void draw(struct progress *progress, const char *text)
{
	char line[2 * WIDEST + 8];
	const int length =
		snprintf(line, sizeof(line), "\r%-*s\r%s\r", (int)progress->drawn, "", text);

	if (write(STDERR_FILENO, line, (size_t)length) == length)
		progress->drawn = strlen(text);
}

static bool fits(struct progress *progress, uint64_t ran, pid_t root)
{
	if (progress->wish == PROGRESS_ALWAYS)
		return true;
	return ran >= FITTING_S * S && !is_shared(progress, root);
}

static void look(struct progress *progress, uint64_t now, pid_t root)
{
	const uint64_t ran = now - progress->began;
	const bool fit = fits(progress, ran, root);
	struct tail_sums sums;
	char text[WIDEST];

	/* the first second of a run may be all of it */
	if (ran < S || (!fit && !progress->drawn) || !may_write())
		return;
	*text = '\0';
	if (fit && !progress->tail)
		progress->tail = tail_new(progress->folder);
	if (fit && progress->tail) {
		tail_look(progress->tail, &sums);
		progress_text(text, columns(), ran, &sums);
	}
	draw(progress, text);
}

int progress_look(struct progress *progress, pid_t root)
{
	const uint64_t now = clock_read(CLOCK_MONOTONIC);
	const uint64_t before = clock_read(CLOCK_THREAD_CPUTIME_ID);
	uint64_t next;

	look(progress, now, root);
	progress->cost += clock_read(CLOCK_THREAD_CPUTIME_ID) - before;
	next = progress_next(now, progress->began, progress->cost);
	return (int)((next - now + 999999) / 1000000);
}

void progress_end(struct progress *progress)
{
	if (!progress)
		return;
	if (progress->drawn && may_write())
		draw(progress, "");
	tail_free(progress->tail);
	free(progress);
}
