/* The process beside COMMAND: made, proven to have the permission that it needs, let go. What it
 * sets is decided in tools/live/mend.c. It must leave no trace in the process that becomes COMMAND:
 * no child, no signal, no descriptor. */
#include "tools/cmd/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tools/base/orphans.h"
#include "tools/base/child.h"
#include "tools/base/text.h"
#include "tools/cmd/rulebook.h"
#include "tools/find/sampled.h"
#include "tools/live/borrow.h"
#include "tools/live/mend.h"
#include "tools/live/permission.h"
#include "tools/live/take.h"
#include "tools/live/touch.h"
#include "tools/live/watch.h"

/* Two pipes: what it says of itself, and `gate`, which ends when COMMAND is executed or was not. */
struct beside {
	const struct ruleset *rules;
	char *const *command;
	pid_t program;
	int says[2], gate[2];
};

/* First its number, for who must allow it to look (PR_SET_PTRACER), then whether it may. */
struct said {
	pid_t pid;
	int error;
};

/* ---- the process beside ---- */

static void keep_silent(void *context, const struct mend_event *event)
{
	(void)context;
	(void)event;
}

/* What it sets ends with the program: nothing needs to be put back. */
static bool keep_nothing(void *context, const struct undo *undo)
{
	(void)context;
	(void)undo;
	return true;
}

static void mend(const struct beside *beside)
{
	struct mending mending = {.rules = beside->rules,
		.is_stalled = sampled_is_stalled,
		.tell = keep_silent,
		.keep = keep_nothing};
	struct watch watch = {.process = &mending.observed,
		.processes = 1,
		.a_second = 100,
		.each = mend_step,
		.context = &mending};

	if (mend_open(&mending, beside->program) == UNSEEN_NOT && !mending.error)
		watch_run(&watch);
	mend_close(&mending);
}

static int nothing(int fd, void *context)
{
	(void)fd;
	(void)context;
	return 0;
}

/* Any descriptor will do: taken, it is closed again. */
static int try_permission(const struct beside *beside)
{
	const int process = borrow_open(beside->program);
	int error = process < 0 ? process : take_socket(process, beside->gate[1], nothing, NULL);

	if (process >= 0)
		close(process);
	return error;
}

/* Of COMMAND's descriptors it keeps none: who reads a pipe to its end waits for each writer. */
static void let_go(const struct beside *beside)
{
	const int null = open("/dev/null", O_RDWR), gate = beside->gate[0];
	const struct sched_param usual = {.sched_priority = 0};

	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	dup2(gate, 3);
	/* Linux 5.9; before, those of a shell's child */
	if (syscall(SYS_close_range, 4, ~0u, 0) != 0)
		for (int fd = 4; fd < 1024; fd++)
			close(fd);
	setsid();
	sched_setscheduler(0, SCHED_OTHER, &usual); /* COMMAND's real time is not for looks */
	child_is("sockfix-beside", beside->command);
	if (chdir("/") != 0) /* it must not keep a file system busy; if it does, so does COMMAND */
		return;
}

static void live_beside(const struct beside *beside)
{
	struct said said = {.pid = getpid()};
	char byte;

	close(beside->gate[1]);
	if (write(beside->says[1], &said, sizeof(said)) != sizeof(said) ||
		read(beside->gate[0], &byte, 1) != 1)
		_exit(1);
	said.error = try_permission(beside);
	if (write(beside->says[1], &said, sizeof(said)) != sizeof(said) || said.error)
		_exit(1);
	let_go(beside);
	if (read(3, &byte, 1) == 0) {
		close(3);
		mend(beside);
	}
	_exit(0);
}

/* ---- the one that becomes COMMAND ---- */

/* The one in the middle ends at once, so that ours is nobody's child but init's. */
static bool make(struct beside *beside)
{
	const pid_t middle = child_fork();

	if (middle == 0) {
		const pid_t ours = child_fork();

		if (ours == 0)
			live_beside(beside);
		_exit(ours < 0);
	}
	close(beside->says[1]);
	if (middle > 0)
		child_reap(middle);
	return middle > 0;
}

/* 0, or why it may not take the sockets of this process. */
static int agree(struct beside *beside)
{
	struct said said;

	if (read(beside->says[0], &said, sizeof(said)) != sizeof(said))
		return -EAGAIN;
	prctl(PR_SET_PTRACER, said.pid, 0, 0, 0);
	if (write(beside->gate[1], "", 1) != 1 ||
		read(beside->says[0], &said, sizeof(said)) != sizeof(said))
		return -EAGAIN;
	return said.error;
}

static int start(struct beside *beside)
{
	int error;

	if (pipe2(beside->says, O_CLOEXEC) != 0)
		return -errno;
	if (pipe2(beside->gate, O_CLOEXEC) != 0) {
		error = -errno;
		close(beside->says[1]);
	} else {
		error = make(beside) ? agree(beside) : -EAGAIN;
		close(beside->gate[0]);
		if (error)
			close(beside->gate[1]);
	}
	close(beside->says[0]);
	return error;
}

static void say_why_not(const char *name, int error)
{
	char why[256];

	if (error == -EPERM) {
		permission_why(getpid(), error, why, sizeof(why));
		say("%s cannot be mended from beside: %s", name, why);
	} else if (error == -ENOSYS) {
		say("%s cannot be mended from beside: this kernel is older than Linux 5.6 "
		    "(pidfd_getfd(2))",
			name);
	} else {
		say("%s cannot be mended from beside: %s", name, strerror(-error));
	}
}

/* Of a listener, or of how a connection begins: each once. */
static void say_beyond(const struct ruleset *rules)
{
	uint64_t told = 0;

	for (size_t i = 0; i < rules->count; i++)
		for (size_t k = 0; k < rules->rule[i].settings; k++) {
			const int id = rules->rule[i].setting[k].option;
			const bool counts = option_table[id].level != OPTION_OURS ||
					    id == OPTION_LISTEN_BACKLOG;

			if (counts && !touch_takes(id) && !(told & OPTION_BIT(id)))
				say("rule %s: %s is not set from beside: it is none that a connection "
				    "takes once it is made",
					rules->rule[i].name, option_table[id].name);
			told |= OPTION_BIT(id);
		}
}

void beside_start(char *const command[], const struct ruleset *rules)
{
	const char *name = command[0];
	struct beside beside = {.rules = rules, .command = command, .program = getpid()};
	int error;

	if (gets_orphans()) {
		say("%s cannot be mended from beside: it is the init of its processes, and would "
		    "get ours as a child",
			name);
		return;
	}
	error = start(&beside);
	if (error)
		say_why_not(name, error);
	else if (rulebook_is_default(rules))
		say("it is mended from beside: what stalls for a second gets TCP_NODELAY; no segments are "
		    "joined (sockfix mend)");
	else
		say("it is mended from beside: rules are set a moment after a connection is made; "
		    "no segments are joined (sockfix mend)");
	if (!error)
		say_beyond(rules);
}
