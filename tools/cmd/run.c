/* `sockfix run`: rules to a line, the line and the library into the environment, then exec. It
 * fails open: whatever is wrong with rules, library or COMMAND is said in a sentence, and COMMAND
 * runs as it would have run without us; --strict turns each of these into 125. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/wire.h"
#include "shim/env.h"
#include "tools/arguments.h"
#include "tools/launch/launch.h"
#include "tools/launch/probe.h"
#include "tools/launch/target.h"
#include "tools/rulebook.h"
#include "tools/show/problem.h"
#include "tools/show/text.h"

enum { EXIT_CANCELED = 125, FLAG_STRICT = 400, FLAG_NO_CHILDREN };

struct plan {
	struct rulebook_request request;
	bool strict, alone, dry;
	char **command; /* its first word is NULL with -n alone */
	struct book *book;
	char *line;    /* SOCKFIX_RULES */
	char *preload; /* LD_PRELOAD */
};

static void tell(const struct rule *rule, bool refused, const char *sentence)
{
	char place[4096];
	(void)refused;
	problem_place(rule->file, rule->line, place, sizeof(place));
	say("%s: %s: %s", place, rule->name, sentence);
}

/* Each step below returns true, or has said why COMMAND must run without us. */

static bool compile_rules(struct plan *plan)
{
	int error = rulebook_gather(&plan->request, &plan->book);
	if (error == -ENOMEM)
		say("no memory for the rules");
	if (error)
		return false;
	size_t length = wire_encode(&plan->book->set, NULL, 0);
	if (length >= LAUNCH_LINE_MAX) {
		say("the rules make a line of %zu bytes, and %s holds at most %d", length,
			ENV_RULES, LAUNCH_LINE_MAX);
		return false;
	}
	plan->line = malloc(length + 1);
	if (!plan->line) {
		say("no memory for the rules");
		return false;
	}
	wire_encode(&plan->book->set, plan->line, length + 1);
	return true;
}

static bool read_library(const char *path, struct elf_facts *facts)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error = fd < 0 ? -errno : elf_read(fd, facts);
	if (fd >= 0)
		close(fd);
	if (error)
		say("%s cannot be used: %s", path, strerror(-error));
	return error == 0;
}

static bool prepare_preload(struct plan *plan, struct elf_facts *facts)
{
	char path[PATH_MAX];
	int error;
	if (launch_library(path) != 0) {
		say("%s is not there and no libsockfix.so lies beside this command; was it "
		    "installed?",
			path);
		return false;
	}
	if (!read_library(path, facts))
		return false;
	plan->preload = launch_preload(path, getenv("LD_PRELOAD"), &error);
	if (error == -EINVAL)
		say("the loader would take %s apart: no space, ':' or '$' may stand in its path",
			path);
	else if (error)
		say("no memory for LD_PRELOAD");
	return error == 0;
}

static bool look_at_command(const struct plan *plan, const struct elf_facts *library)
{
	struct target target;
	if (!plan->command[0])
		return true;
	target_look(plan->command, library, &target);
	if (*target.why)
		say("%s", target.why);
	return *target.why == '\0';
}

static bool prepare(struct plan *plan)
{
	struct elf_facts library;
	if (!compile_rules(plan) || !prepare_preload(plan, &library) ||
		!look_at_command(plan, &library))
		return false;
	const char *off = getenv(ENV_OFF);
	if (off && strcmp(off, "1") == 0)
		say("%s=1 is set: the library will be loaded and do nothing", ENV_OFF);
	probe_rules(&plan->book->set, tell);
	return true;
}

static void print_environment(const struct plan *plan)
{
	printf("LD_PRELOAD=%s\n%s=%s\n", plan->preload, ENV_RULES, plan->line);
	if (plan->alone)
		printf("%s=0\n", ENV_CHILDREN);
}

static bool change_environment(const struct plan *plan)
{
	if (setenv("LD_PRELOAD", plan->preload, 1) == 0 && setenv(ENV_RULES, plan->line, 1) == 0 &&
		(!plan->alone || setenv(ENV_CHILDREN, "0", 1) == 0))
		return true;
	say("no memory for the environment");
	return false;
}

static int start(struct plan *plan)
{
	const char *name = plan->command[0] ? plan->command[0] : "COMMAND";
	bool mended = prepare(plan);
	if (!mended && plan->strict) {
		say("%s is not run (--strict)", name);
		return EXIT_CANCELED;
	}
	if (!mended)
		say("%s %s without rules", plan->dry ? "would run" : "running", name);
	else if (plan->dry)
		print_environment(plan);
	else if (!change_environment(plan) && plan->strict)
		return EXIT_CANCELED;
	return plan->dry ? EXIT_FINE : launch_exec(plan->command);
}

static int read_options(
	const struct verb *verb, int argc, char **argv, struct plan *plan, int *status)
{
	const char *value;
	for (;;) {
		int letter = arguments_next(verb, argc, argv, &value, status);
		if (letter == ARGUMENTS_STOP || letter == ARGUMENTS_END)
			return letter;
		if (letter == FLAG_STRICT)
			plan->strict = true;
		else if (letter == FLAG_NO_CHILDREN)
			plan->alone = true;
		else if (letter == 'n')
			plan->dry = true;
		else
			rulebook_request_add(&plan->request, letter, value);
	}
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct plan plan = {0};
	int status = EXIT_CANCELED;
	if (rulebook_request_new(&plan.request, argc) != 0) {
		say("no memory");
		return EXIT_CANCELED;
	}
	if (read_options(verb, argc, argv, &plan, &status) == ARGUMENTS_END) {
		plan.command = argv + optind;
		if (!plan.command[0] && !plan.dry)
			status = arguments_misuse(verb, "a COMMAND is missing");
		else
			status = start(&plan);
	}
	if (plan.book)
		book_free(plan.book);
	rulebook_request_free(&plan.request);
	free(plan.line);
	free(plan.preload);
	return status;
}

static const struct flag flag_table[] = {
	RULEBOOK_FLAGS,
	{"strict", FLAG_STRICT, NULL,
		"where COMMAND would run without rules: run nothing, exit with 125"},
	{"no-children", FLAG_NO_CHILDREN, NULL, "programs that COMMAND starts are left alone"},
	{"dry-run", 'n', NULL, "print the environment that would be set, run nothing"},
};

const struct verb verb_run = {
	.name = "run",
	.group = "mend",
	.synopsis = "[-r FILE]... [-P PRESET]... [-s NAME=VALUE]... [--with-system] [--strict] "
		    "[--no-children] [-n] [--] COMMAND [ARG]...",
	.summary = "start COMMAND with its sockets mended",
	.detail =
		"  sockfix run -- python3 import.py                     the default: small "
		"writes are joined\n"
		"  sockfix run -P imap-upload -- python3 import.py      a preset\n"
		"  sockfix run -r site.conf -s tcp_nodelay=true -- ./sync -v\n\n"
		"COMMAND is replaced by itself with libsockfix.so preloaded and the rules in "
		"SOCKFIX_RULES: same process, same output, same exit status. Programs that it "
		"starts "
		"inherit both.\n\n"
		"Without -r and -P the rules come from rules.d below "
		"/usr/share/sockfix, " SOCKFIX_PREFIX
		"/share/sockfix, /etc/sockfix and, except for root, ~/.config/sockfix; where "
		"these set "
		"nothing, coalesce = auto holds. So a file there with a rule switches that default "
		"off: "
		"-P default brings it back. How rule files are written: sockfix explain rules.\n\n"
		"Where rules are wrong, or no library can be preloaded into COMMAND, one line on "
		"stderr "
		"says so and COMMAND runs as if sockfix were not there.\n\n"
		"Exit status: 125 where sockfix run itself was misused or --strict refused, 126 "
		"where "
		"COMMAND cannot be executed, 127 where it was not found, else COMMAND's own.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_CANCELED,
	.first = 1,
	.run = run,
};
