/* `sockfix off` and `sockfix on`: the switch of running processes, which go on meanwhile. Writes
 * the switch and lets go what is held; nothing else of a process is changed. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/base/text.h"
#include "tools/cmd/arguments.h"
#include "tools/cmd/everywhere.h"
#include "tools/cmd/process.h"
#include "tools/live/permission.h"
#include "tools/live/push.h"
#include "tools/show/status.h"

static void say_kept(pid_t pid, int error)
{
	char why[256];

	permission_why(pid, error, why, sizeof(why));
	say("process %d: its sockets cannot be taken (%s): what is held there goes within 200 ms",
		(int)pid, why);
}

static bool has_switch(const struct wrapped *process)
{
	return !process->error &&
	       (process->library.state == LIBRARY_ON || process->library.state == LIBRARY_OFF);
}

/* 0, or -errno, which has been said. */
static int switch_one(struct wrapped *process, bool off)
{
	int error = process->error;

	if (!error && process->library.state == LIBRARY_OTHER) {
		say("process %d: its library is of another version: use the sockfix that started "
		    "it",
			(int)process->pid);
		return -EPROTO;
	}
	if (has_switch(process))
		error = library_switch(process->pid, &process->library, off);
	process->error = error;
	if (error)
		status_say_error(process);
	else if (has_switch(process))
		process->library.state = off ? LIBRARY_OFF : LIBRARY_ON;
	return error;
}

/* last: what it could not do is said. */
static void push_each(const struct wrapped *process, size_t count, bool last)
{
	for (size_t i = 0; i < count; i++) {
		const int result = has_switch(&process[i]) ? push_sockets(process[i].pid) : 0;

		if (last && result < 0 && result != -ESRCH)
			say_kept(process[i].pid, result);
	}
}

/* Twice: a call that was past the switch when that was written may hold a little later. Where it is
 * later still, the thread's next call lets go, and the kernel after 200 ms. */
static void let_go(const struct wrapped *process, size_t count)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	push_each(process, count, false);
	nanosleep(&moment, NULL);
	push_each(process, count, true);
}

static int switch_each(struct wrapped *process, size_t count, bool off)
{
	int status = EXIT_FINE;

	for (size_t i = 0; i < count; i++)
		if (switch_one(&process[i], off) != 0)
			status = process[i].error == -ENOENT ? EXIT_FOUND : EXIT_TROUBLE;
	if (off)
		let_go(process, count);
	return status;
}

static int switch_all(bool off)
{
	struct wrapped_all all;
	int status = everywhere_find(&all);

	if (all.count && switch_each(all.process, all.count, off) != EXIT_FINE)
		status = EXIT_TROUBLE;
	status_show_list(stdout, all.process, all.count);
	everywhere_end(&all);
	return status;
}

static int switch_pid(pid_t pid, bool off)
{
	struct wrapped process;
	int status;

	wrapped_look(pid, &process);
	status = switch_each(&process, 1, off);
	if (status == EXIT_FINE)
		status_show_list(stdout, &process, 1);
	return status;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	const bool off = strcmp(verb->name, "off") == 0;
	const char *value;
	bool all = false;
	int letter, status;
	pid_t pid;

	while ((letter = arguments_next(verb, argc, argv, &value, &status)) != ARGUMENTS_END) {
		if (letter == ARGUMENTS_STOP)
			return status;
		all = true;
	}
	if (all && optind < argc)
		return arguments_misuse(verb, "--all goes with no PID");
	if (all)
		return switch_all(off);
	if (optind == argc)
		return arguments_misuse(verb, "PID or --all is missing");
	if (optind + 1 < argc)
		return arguments_misuse(verb, "'%s' is one word too many", argv[optind + 1]);
	pid = process_number(argv[optind]);
	if (!pid)
		return arguments_misuse(verb, "'%s' is not the number of a process", argv[optind]);
	return switch_pid(pid, off);
}

static const struct flag flag_table[] = {
	{"all", 'a', NULL, "every process that has the library and that you may switch"},
};

#define EXIT_DETAIL                                                                                \
	"Exit status: 0; 1 where that process has not the library, or none has; 2 where a "        \
	"process could not be switched: the sentence names the permission."

const struct verb verb_off = {
	.name = "off",
	.group = "operate",
	.synopsis = "PID | --all",
	.summary = "switch the library off in running processes, at once",
	.detail =
		"  sockfix off --all        the whole host\n"
		"  sockfix off 4711         one process\n\n"
		"Without a restart, and the process is not stopped: from its next call on nothing "
		"is held or collected and no option is set. What is held goes before this command "
		"ends; what a call holds that was in the middle, by the thread's next call, or "
		"after 200 ms; what coalesce = \"buffer\" has collected by its next tick. "
		"Connections keep the options that they have got; those that are made while it is "
		"off get none, and nothing is held there later either. A recording goes on. "
		"Programs that are started later are not off: SOCKFIX_OFF=1 is for them. Wants the "
		"permission of ptrace(2): that of the process's own user, or of root.\n\n" EXIT_DETAIL,
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run,
};

const struct verb verb_on = {
	.name = "on",
	.group = "operate",
	.synopsis = "PID | --all",
	.summary = "switch it on again",
	.detail =
		"  sockfix on --all\n"
		"  sockfix on 4711\n\n"
		"Undoes sockfix off, with all that was learnt before. What is inert or has resigned "
		"(sockfix status) stays so.\n\n" EXIT_DETAIL,
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run,
};
