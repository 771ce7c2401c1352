/* Preparing COMMAND: rules into a line, the library found and fit for the loader, COMMAND fit for
 * the library. Each step below returns true, or has said why COMMAND must run without us; that it
 * runs all the same is the caller's. */
#include "tools/cmd/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/regular.h"
#include "rules/wire.h"
#include "shim/env.h"
#include "tools/launch/asan.h"
#include "tools/launch/launch.h"
#include "tools/launch/probe.h"
#include "tools/launch/target.h"
#include "tools/launch/twin.h"
#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/cmd/rules_file.h"
#include "tools/cmd/scoped.h"

/* For rules that are longer than a variable should be. */
static bool keep_in_file(struct plan *plan)
{
	char value[PATH_MAX + 1];
	int error;

	launch_outlive_own_writes();
	error = rules_file_keep(plan->line, value);
	if (error == -EDESTADDRREQ)
		say("the rules make a line of %zu bytes, more than the %d that %s holds, and "
		    "neither HOME nor XDG_STATE_HOME names a folder for a file of them",
			strlen(plan->line), LAUNCH_LINE_MAX, ENV_RULES);
	else if (error)
		say("the rules make a line of %zu bytes, more than the %d that %s holds, and the "
		    "file for them cannot be written: %s: %s",
			strlen(plan->line), LAUNCH_LINE_MAX, ENV_RULES, value, strerror(-error));
	else
		plan->file = memory_print("%s", value);
	return !error;
}

static bool compile_rules(struct plan *plan)
{
	if (plan->watched && plan->request.count == 0)
		return true;
	int error = rulebook_gather(&plan->request, &plan->book);
	if (error == -ENOMEM)
		say("no memory for the rules");
	if (error)
		return false;
	plan->line = rulebook_line(&plan->book->set);
	return plan->keeps || strlen(plan->line) < LAUNCH_LINE_MAX || keep_in_file(plan);
}

static bool read_library(const char *path, struct elf_facts *facts)
{
	struct stat status;
	const int error = elf_look(path, facts, &status);

	if (error == NOT_REGULAR)
		say("%s cannot be used: it is %s, not a file", path, regular_kind(&status));
	else if (error)
		say("%s cannot be used: %s", path, strerror(-error));
	return error == 0;
}

/* The library, and its twin where that is installed, too. */
struct libraries {
	char path[PATH_MAX];
	struct elf_facts facts;
	struct twin twin;
};

static bool find_libraries(struct libraries *libraries)
{
	if (launch_library(libraries->path) != 0) {
		say("%s is not there and no libsockfix.so lies beside this command; was it "
		    "installed?",
			libraries->path);
		return false;
	}
	if (!launch_names_one(libraries->path)) {
		say("the loader would take %s apart: no space, ':' or '$' may stand in its path",
			libraries->path);
		return false;
	}
	if (!read_library(libraries->path, &libraries->facts))
		return false;
	twin_find("", libraries->path, &libraries->facts, &libraries->twin);
	return true;
}

static bool prepare_preload(struct plan *plan, const struct libraries *libraries, bool apart)
{
	const bool both = *libraries->twin.path && !apart;
	int error;

	plan->preload = launch_preload(
		libraries->path, both ? libraries->twin.both : NULL, getenv("LD_PRELOAD"), &error);
	if (error)
		say("no memory for LD_PRELOAD");
	return error == 0;
}

static bool prepare_asan(struct plan *plan)
{
	int error;
	plan->asan = asan_options(getenv(ENV_ASAN), &error);
	if (error)
		say("no memory for %s", ENV_ASAN);
	return error == 0;
}

/* No library works in it, but whoever starts it may take its sockets. */
static bool is_out_of_reach(enum target_kind kind)
{
	return kind == TARGET_STATIC || kind == TARGET_GO || kind == TARGET_LIBC ||
	       kind == TARGET_CLASS;
}

static bool is_off(void)
{
	const char *off = getenv(ENV_OFF);
	return off && strcmp(off, "1") == 0;
}

static bool look_at_command(struct plan *plan, const struct libraries *libraries, bool *apart)
{
	struct target target;
	*apart = false;
	if (!plan->command[0])
		return true;
	target_look(plan->command, &libraries->facts,
		*libraries->twin.path ? &libraries->twin : NULL, &target);
	*apart = target.apart;
	plan->beside = is_out_of_reach(target.kind) && !is_off();
	if (*target.why && plan->scoped && !is_off() &&
		scoped_prepare(plan->scoped, plan->command, &target, &plan->book->set))
		return true;
	if (*target.why)
		say("%s", target.why);
	else if (*target.note && !plan->alone)
		say("%s", target.note);
	snprintf(plan->why, sizeof(plan->why), "%s", target.why);
	return *target.why == '\0';
}

static void say_switch(const char *off)
{
	if (is_off())
		say("%s=1 is set: the library will be loaded and do nothing", ENV_OFF);
	else if (off && *off && strcmp(off, "0") != 0)
		say("%s=%s switches nothing off: 1 does", ENV_OFF, off);
}

bool plan_prepare(struct plan *plan)
{
	struct libraries libraries;
	bool apart;

	if (!compile_rules(plan) || !find_libraries(&libraries) || !prepare_asan(plan) ||
		!look_at_command(plan, &libraries, &apart) ||
		!prepare_preload(plan, &libraries, apart))
		return false;
	say_switch(getenv(ENV_OFF));
	if (plan->book)
		probe_rules(&plan->book->set, rulebook_tell);
	return true;
}

/* What is taken out again where children are left alone. */
static const char *children_of(const struct plan *plan)
{
	return plan->asan ? "0:asan" : "0";
}

/* The value of SOCKFIX_RULES. */
static const char *variable(const struct plan *plan)
{
	return plan->file ? plan->file : plan->line;
}

void plan_print(const struct plan *plan)
{
	printf("LD_PRELOAD=%s\n%s=%s\n", plan->preload, ENV_RULES, variable(plan));
	if (plan->asan)
		printf("%s=%s\n", ENV_ASAN, plan->asan);
	if (plan->alone)
		printf("%s=%s\n", ENV_CHILDREN, children_of(plan));
}

bool plan_environment(const struct plan *plan)
{
	if (setenv("LD_PRELOAD", plan->preload, 1) == 0 &&
		(plan->line ? setenv(ENV_RULES, variable(plan), 1) : unsetenv(ENV_RULES)) == 0 &&
		(!plan->asan || setenv(ENV_ASAN, plan->asan, 1) == 0) &&
		(!plan->alone || setenv(ENV_CHILDREN, children_of(plan), 1) == 0))
		return true;
	say("no memory for the environment");
	return false;
}

void plan_free(struct plan *plan)
{
	if (plan->book)
		book_free(plan->book);
	rulebook_request_free(&plan->request);
	free(plan->line);
	free(plan->file);
	free(plan->preload);
	free(plan->asan);
}
