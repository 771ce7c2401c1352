/* `sockfix run`: rules to a line, the line and the library into the environment, then exec. It
 * fails open: whatever is wrong with rules, library or COMMAND is said in a sentence, and COMMAND
 * runs as it would have run without us; --strict turns each of these into 125. */
#include <stdlib.h>
#include <unistd.h>

#include "rules/room.h"
#include "tools/cmd/arguments.h"
#include "tools/cmd/beside.h"
#include "tools/launch/findable.h"
#include "tools/launch/guard.h"
#include "tools/launch/launch.h"
#include "tools/launch/limits.h"
#include "tools/launch/wrapper.h"
#include "tools/cmd/plan.h"
#include "tools/cmd/scoped.h"
#include "tools/base/text.h"

enum { EXIT_CANCELED = 125, FLAG_STRICT = 400, FLAG_NO_CHILDREN };

struct run_plan {
	struct plan plan; /* its command's first word is NULL with -n alone */
	struct scoped scoped;
	bool strict, dry;
};

static const char *name_of(const struct run_plan *run)
{
	return run->plan.command[0] ? run->plan.command[0] : "COMMAND";
}

/* One line, for there may be no memory for more. */
static int go_bare(const struct run_plan *run, const char *why)
{
	if (run->strict) {
		say("%s is not run (--strict): %s", name_of(run), why);
		return EXIT_CANCELED;
	}
	say("%s %s without rules: %s", run->dry ? "would run" : "running", name_of(run), why);
	return run->dry ? EXIT_FINE : launch_exec_bare(run->plan.command);
}

static const struct run_plan *starting;

static void fail_open(const char *why)
{
	_exit(go_bare(starting, why));
}

static void memory_is_out(void)
{
	fail_open(LIMITS_NO_MEMORY);
}

/* The program's own name, behind env and the like, is what is said. */
static const char *inner_name(const struct run_plan *run)
{
	return wrapper_innermost(run->plan.command)[0];
}

static int become_scoped(struct run_plan *run)
{
	if (scoped_enter(&run->scoped, inner_name(run)))
		return launch_exec(run->plan.command);
	if (run->strict || !run->plan.beside)
		return go_bare(run, "it is left where it is");
	beside_start(run->plan.command, &run->plan.book->set);
	return launch_exec(run->plan.command);
}

static int become(struct run_plan *run)
{
	if (run->scoped.taken)
		return become_scoped(run);
	if (launch_keep_environment(run->strict) && plan_environment(&run->plan))
		return launch_exec(run->plan.command);
	return go_bare(run, LIMITS_NO_MEMORY);
}

static int start(struct run_plan *run)
{
	struct plan *plan = &run->plan;
	starting = run;
	plan->scoped = &run->scoped;
	run->scoped.dry = run->dry;
	run->scoped.alone = plan->alone;
	room_when_out(memory_is_out);
	guard_begin(fail_open);
	bool mended = plan_prepare(plan);
	int status;
	guard_end();
	if (!mended && run->strict) {
		say("%s is not run (--strict)", name_of(run));
		return EXIT_CANCELED;
	}
	if (mended && !run->dry)
		return become(run);
	if (run->dry && plan->command[0] && (status = findable_not(plan->command)))
		return status;
	if (mended && run->scoped.taken)
		scoped_would(&run->scoped, inner_name(run));
	else if (mended)
		plan_print(plan);
	else
		say("%s %s without %s", run->dry ? "would run" : "running", name_of(run),
			plan->beside ? "the library" : "rules");
	if (plan->beside && !run->dry)
		beside_start(plan->command, &plan->book->set);
	return run->dry ? EXIT_FINE : launch_exec(plan->command);
}

static int read_options(
	const struct verb *verb, int argc, char **argv, struct run_plan *run, int *status)
{
	const char *value;
	for (;;) {
		int letter = arguments_next(verb, argc, argv, &value, status);
		if (letter == ARGUMENTS_STOP || letter == ARGUMENTS_END)
			return letter;
		if (letter == FLAG_STRICT)
			run->strict = true;
		else if (letter == FLAG_NO_CHILDREN)
			run->plan.alone = true;
		else if (letter == 'n')
			run->dry = true;
		else
			rulebook_request_add(&run->plan.request, letter, value);
	}
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct run_plan run = {0};
	char why[128];
	int status = EXIT_CANCELED;
	launch_outlive_own_writes();
	say_beside_connection();
	bool memory = rulebook_request_new(&run.plan.request, argc) == 0;
	if (read_options(verb, argc, argv, &run, &status) == ARGUMENTS_END) {
		run.plan.command = argv + optind;
		if (!run.plan.command[0] && !run.dry)
			status = arguments_misuse(verb, "a COMMAND is missing");
		else if (!limits_leave_room(why, sizeof(why)))
			status = go_bare(&run, why);
		else
			status = memory ? start(&run) : go_bare(&run, LIMITS_NO_MEMORY);
	}
	plan_free(&run.plan);
	return status;
}

static const struct flag flag_table[] = {
	RULEBOOK_FLAGS,
	{"strict", FLAG_STRICT, NULL,
		"where COMMAND would run without rules: run nothing, exit with 125"},
	{"no-children", FLAG_NO_CHILDREN, NULL, "programs that COMMAND starts are left alone"},
	{"dry-run", 'n', NULL,
		"print the environment that would be set, or say which other way "
		"would be taken; run nothing"},
};

const struct verb verb_run = {
	.name = "run",
	.group = "mend",
	.synopsis = RULEBOOK_SYNOPSIS
	" [--with-system] [--strict] [--no-children] [-n] [--] COMMAND [ARG]...",
	.summary = "start COMMAND with its sockets mended",
	.detail =
		"  sockfix run -- python3 import.py                     the default: small writes "
		"are joined\n"
		"  sockfix run -P imap-upload -- python3 import.py      a preset\n"
		"  sockfix run -r site.conf -s tcp_nodelay=true -- ./sync -v\n\n"
		"COMMAND is replaced by itself with libsockfix.so preloaded and the rules in "
		"SOCKFIX_RULES: same process, same output, same exit status. Programs that it "
		"starts inherit both. Where the library is installed for 64 and for 32 bits, "
		"LD_PRELOAD names both by one word (libsockfix(8)). ASAN_OPTIONS is told, where you have not, that "
		"AddressSanitizer need not be the first library.\n\n"
		"Without -r and -P the rules come from rules.d below "
		"/usr/share/sockfix, " SOCKFIX_PREFIX
		"/share/sockfix, /etc/sockfix and, except for root, ~/.config/sockfix, in the order "
		"of the file names; where these set nothing, coalesce = auto holds. So a file there with a rule switches that "
		"default off: -P default brings it back. " RULEBOOK_DETAIL "\n\n"
		"Where no library can be preloaded into COMMAND (static programs, Go, another "
		"libc), one of two other ways is taken, and said. No segments are joined there.\n\n"
		"It is mended from beside: a process of ours, which ends with it, does what sockfix "
		"mend -p does: what stalls for a second gets TCP_NODELAY, rules are set a moment "
		"after a connection is made. Children that COMMAND starts are left alone.\n\n"
		"For root, where rules of yours say what becomes of coalesce (so not with the "
		"default alone), COMMAND gets a cgroup of its own with a program that sets its "
		"options from the first byte, as sockfix scope does it (whose help says what such a "
		"program can do): coalesce becomes TCP_NODELAY, and rules win over what COMMAND sets "
		"before a connection is there. program, script, args and user are those of COMMAND "
		"as it starts; what it starts itself is in that cgroup, too. Sockets that it is "
		"handed are not: they belong to where they were made. When the last process in it "
		"has ended the cgroup goes, and with it the program; a small process waits for that. "
		"A unit of Type=forking needs its PIDFile= there. Where its cgroup has limits of its "
		"own (cpu.max, memory.max), which programs read where they are, it is mended from "
		"beside.\n\n"
		"Where rules are wrong, or COMMAND cannot be reached, one line on stderr says so "
		"and COMMAND runs as if sockfix were not there. Where stderr is a connection over a "
		"network, as under inetd, such lines go to syslog.\n\n"
		"Exit status: 125 where sockfix run itself was misused, --strict refused or -n "
		"cannot write to stdout, 126 where COMMAND cannot be executed, 127 where it was "
		"not found, else COMMAND's own.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_CANCELED,
	.first = 1,
	.run = run,
};
