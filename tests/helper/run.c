/* Starts victims, reads their marks, and says how they ended. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "must.h"

struct run {
	pid_t pid;
	int in, out, err;
	char *text;
	size_t length, read, room;
};

static int above_page(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, PAGE_FD + 1);

	MUST(moved > PAGE_FD);
	close(fd);
	return moved;
}

struct run *run_start(const struct launch *launch)
{
	struct run *run = must_realloc(NULL, sizeof(*run));
	int in[2], out[2], ends[3];
	pid_t parent = getpid();

	memset(run, 0, sizeof(*run));
	MUST(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	run->in = in[1];
	run->out = out[0];
	run->err = memfd_create("stderr", MFD_CLOEXEC);
	MUST(run->err >= 0);
	ends[0] = above_page(in[0]);
	ends[1] = above_page(out[1]);
	ends[2] = fcntl(run->err, F_DUPFD_CLOEXEC, PAGE_FD + 1);
	run->pid = fork();
	MUST(run->pid >= 0);
	if (run->pid == 0)
		launch_exec(launch, ends, parent);
	for (int i = 0; i < 3; i++)
		close(ends[i]);
	return run;
}

pid_t run_pid(const struct run *run)
{
	return run->pid;
}

/* Ends everything that the run started; setpgid made it a group of its own. */
static void kill_run(struct run *run)
{
	kill(-run->pid, SIGKILL);
	kill(run->pid, SIGKILL);
}

/* Takes in more of the victim's stdout; false at its end. */
static bool read_more(struct run *run)
{
	struct pollfd entry = {.fd = run->out, .events = POLLIN};
	ssize_t got;

	if (run->length + 4096 > run->room) {
		run->room = (run->length + 4096) * 2;
		run->text = must_realloc(run->text, run->room);
	}
	if (poll(&entry, 1, MUST_SECONDS * 1000 * 2) == 0) {
		kill_run(run);
		fail_msg("the victim hangs; its marks so far:\n%.*s", (int)run->length,
			run->length ? run->text : "");
	}
	got = read(run->out, run->text + run->length, run->room - run->length - 1);
	MUST(got >= 0);
	run->length += (size_t)got;
	run->text[run->length] = 0;
	return got > 0;
}

const char *run_mark(struct run *run)
{
	char *end;

	for (;;) {
		char *start = run->text ? run->text + run->read : NULL;

		end = start ? memchr(start, '\n', run->length - run->read) : NULL;
		if (end) {
			static char line[4096];

			snprintf(line, sizeof(line), "%.*s", (int)(end - start), start);
			run->read = (size_t)(end + 1 - run->text);
			return line;
		}
		if (!read_more(run))
			return NULL;
	}
}

void run_go(struct run *run)
{
	signal(SIGPIPE, SIG_IGN);
	(void)!write(run->in, "g", 1);
}

void run_wait_asleep(struct run *run)
{
	char path[64], text[512], *state;
	time_t deadline = time(NULL) + MUST_SECONDS;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", run->pid);
	do {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		if (fd >= 0)
			close(fd);
		if (got <= 0)
			return;
		text[got] = 0;
		state = strrchr(text, ')');
	} while (state && state[2] != 'S' && state[2] != 'Z' && time(NULL) < deadline);
}

int run_unsent(struct run *run, int fd)
{
	int process = (int)syscall(SYS_pidfd_open, run->pid, 0);
	int copy = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, fd, 0);
	int bytes = 0;

	MUST(copy >= 0 || errno == ESRCH || errno == EBADF);
	if (copy >= 0) {
		MUST(ioctl(copy, SIOCOUTQNSD, &bytes) == 0);
		close(copy);
	}
	if (process >= 0)
		close(process);
	return bytes;
}

/* Splits what was read into marks and notes. */
static void sort_marks(const struct run *run, struct outcome *outcome)
{
	const char *line = run->text ? run->text : "";
	char *out, *notes;

	outcome->out = out = must_realloc(NULL, run->length + 1);
	outcome->notes = notes = must_realloc(NULL, run->length + 1);
	while (*line) {
		size_t length = strcspn(line, "\n");
		char **to = *line == '#' ? &notes : &out;

		length += line[length] == '\n';
		memcpy(*to, line, length);
		*to += length;
		line += length;
	}
	*out = *notes = 0;
}

void run_finish(struct run *run, struct outcome *outcome)
{
	off_t length;

	while (read_more(run))
		;
	MUST(waitpid(run->pid, &outcome->status, 0) == run->pid);
	length = lseek(run->err, 0, SEEK_END);
	outcome->err = must_realloc(NULL, (size_t)length + 1);
	MUST(pread(run->err, outcome->err, (size_t)length, 0) == length);
	outcome->err[length] = 0;
	sort_marks(run, outcome);
	close(run->in);
	close(run->out);
	close(run->err);
	free(run->text);
	free(run);
}

void outcome_free(struct outcome *outcome)
{
	free(outcome->out);
	free(outcome->notes);
	free(outcome->err);
	memset(outcome, 0, sizeof(*outcome));
}

void run_whole(const struct launch *launch, struct outcome *outcome)
{
	struct run *run = run_start(launch);

	while (run_mark(run))
		;
	run_finish(run, outcome);
}

/* Fails with the first line that differs. cmocka cuts messages at 1,024 bytes: not both texts. */
static void compare_text(const char *what, const char *which, const char *bare, const char *with)
{
	while (*bare || *with) {
		size_t length = strcspn(bare, "\n"), other = strcspn(with, "\n");

		if (length != other || memcmp(bare, with, length) != 0)
			fail_msg("%s: %s\n  bare:             %.*s\n  with the library: %.*s", what,
				which, (int)(length < 300 ? length : 300), bare,
				(int)(other < 300 ? other : 300), with);
		bare += length + (bare[length] != 0);
		with += other + (with[other] != 0);
	}
}

void assert_same_outcome(const char *what, const struct outcome *bare, const struct outcome *with)
{
	compare_text(what, "stderr", bare->err, with->err);
	compare_text(what, "stdout", bare->out, with->out);
	if (bare->status != with->status)
		fail_msg("%s: status %#x bare, %#x with the library", what, (unsigned)bare->status,
			(unsigned)with->status);
}
