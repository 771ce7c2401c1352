/* Puts a program made from rules on a cgroup, with a sentence for whatever stands in the way. */
#include "tools/cmd/scoped.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CAP_BPF
#define CAP_BPF 39 /* Linux 5.8 */
#endif

#include "rules/command.h"
#include "tools/base/child.h"
#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/cmd/rulebook.h"
#include "tools/launch/script.h"
#include "tools/launch/wrapper.h"
#include "tools/scope/attach.h"
#include "tools/scope/program.h"
#include "tools/scope/takes.h"
#include "tools/scope/trial.h"

bool scoped_built(void)
{
	if (!attach_built())
		say("this sockfix was built without libbpf: apt-get install libbpf-dev, then make");
	return attach_built();
}

/* ---- attaching ---- */

static void say_refused(const char *cgroup, int error, const struct attach_refusal *refusal)
{
	char lockdown[128] = "";
	FILE *file = fopen("/sys/kernel/security/lockdown", "re");

	if (file && !fgets(lockdown, sizeof(lockdown), file))
		lockdown[0] = '\0';
	if (file)
		fclose(file);
	if (*refusal->why)
		say("no program can be put on %s: %s", cgroup, refusal->why);
	else if (refusal->log)
		say("the kernel refused our program (%s), and its verifier said:\n%s",
			strerror(-error), refusal->log);
	else if (error == -EPERM && strstr(lockdown, "[confidentiality]"))
		say("this kernel is locked down (confidentiality) and takes no BPF programs");
	else if (error == -EPERM || error == -EACCES)
		say("the kernel lets nobody load BPF programs here who has not CAP_BPF and "
		    "CAP_NET_ADMIN: run it as root of the host");
	else if (error == -ENOSYS)
		say("this kernel has no bpf(2)");
	else if (error == -EINVAL)
		say("this kernel puts no programs on cgroups (CONFIG_CGROUP_BPF), or has too many "
		    "there");
	else
		say("%s: %s", cgroup, strerror(-error));
}

static int put_there(const char *cgroup, const struct ruleset *rules)
{
	struct attach_refusal refusal = {.log = NULL};
	struct bpf_insn *insn;
	size_t count;
	int result = program_make(rules, &insn, &count);
	char *line;

	if (result == -E2BIG)
		say("these rules are too many for one program in the kernel");
	else if (result)
		say("these rules set nothing that could be set from outside of a program");
	if (result)
		return -1;
	line = rulebook_line(rules);
	result = attach_program(cgroup, insn, count, line, &refusal);
	if (result < 0)
		say_refused(cgroup, result, &refusal);
	free(refusal.log);
	free(line);
	free(insn);
	return result < 0 ? -1 : result;
}

void scoped_say_joins(const struct scoped_rules *held)
{
	if (held->joins)
		say("no segments are joined from outside of a program: coalesce becomes "
		    "TCP_NODELAY");
}

int scoped_attach(const char *cgroup, const struct ruleset *rules, const struct subject *process,
	struct scoped_rules *held)
{
	struct takes_told told = {.tell = rulebook_tell};
	struct ruleset left;
	int result = takes_narrow(rules, process, &left, &told);

	held->names = NULL;
	if (result)
		result = -1;
	else if (!trial_passes(&left, rulebook_tell))
		result = -1;
	else
		result = put_there(cgroup, &left);
	if (result >= 0) {
		held->names = rulebook_names(&left);
		held->joins = told.joins;
	}
	free(left.rule);
	return result;
}

/* ---- run ---- */

static const char *const kind_table[] = {
	[TARGET_STATIC] = "is statically linked",
	[TARGET_GO] = "is a Go program",
	[TARGET_LIBC] = "has a loader of its own",
	[TARGET_CLASS] = "is of another word size",
	[TARGET_MACHINE] = "is for another processor",
	[TARGET_SETID] = "is setuid or setgid",
	[TARGET_CAPABLE] = "has file capabilities",
	[TARGET_ASAN] = NULL,
};

static char *joined(char *const word[])
{
	char *text = memory_print("%s", "");

	for (; *word; word++) {
		char *more = memory_print("%s%s%s", text, *text ? " " : "", *word);

		free(text);
		text = more;
	}
	return text;
}

/* What an interpreter runs, if COMMAND is one. */
static char *script_of(char *const word[])
{
	char *words = joined(word + 1), *copy = memory_take(strlen(words) + 2, 1), *to = copy;
	const char *script;
	char *found;

	for (word++; *word; word++)
		to = stpcpy(to, *word) + 1;
	script = to > copy ? command_script(copy, to) : NULL;
	found = memory_print("%s", script ? script : "");
	free(words);
	free(copy);
	return found;
}

/* The words that the kernel will start it with (execve(2)): of a script its interpreter's, and the
 * script before its own. To be freed. */
static char **words_of(char *const argv[], const struct target *target)
{
	char file[PATH_MAX];
	size_t count = 0, at = 0;
	const bool script = command_find(argv[0], file) == 0 && strcmp(file, target->path) != 0;
	char **word;

	while (argv[count])
		count++;
	word = memory_take(count + 2, sizeof(*word));
	if (script)
		word[at++] = (char *)(uintptr_t)target->path;
	memcpy(word + at, argv, count * sizeof(*word));
	return word;
}

/* As which user it will run: execve(2). */
static uid_t user_of(const struct target *target)
{
	struct stat info;

	if (target->kind == TARGET_SETID && stat(target->path, &info) == 0 &&
		info.st_mode & S_ISUID)
		return info.st_uid;
	return geteuid();
}

static bool attach_for(struct scoped *scoped, char *const argv[], const struct target *target,
	const struct ruleset *rules, struct scoped_rules *held)
{
	char **word = words_of(argv, target), *args = joined(word + 1), *script = script_of(word);
	const struct subject process = {
		.program = command_base_name(target->path),
		.argv0 = command_base_name(word[0]),
		.script = script,
		.args = args,
		.uid = user_of(target),
	};
	const int result = scoped_attach(scoped->own.path, rules, &process, held);

	free(word);
	free(args);
	free(script);
	return result >= 0;
}

static bool serves(enum target_kind kind)
{
	return (size_t)kind < sizeof(kind_table) / sizeof(*kind_table) && kind_table[kind];
}

#define HAS(capability) (data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability))

/* As kernel/bpf/syscall.c asks it of who loads a program of this type. */
static bool may_load(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

	return syscall(SYS_capget, &header, data) == 0 &&
	       (HAS(CAP_SYS_ADMIN) || (HAS(CAP_BPF) && HAS(CAP_NET_ADMIN)));
}

/* A sandbox may end whoever calls bpf(2): that is tried by somebody else. */
static bool survives_bpf(void)
{
	const pid_t child = child_fork();

	if (child == 0) {
		syscall(SYS_bpf, -1, NULL, 0);
		_exit(0);
	}
	return child > 0 && !WIFSIGNALED(child_reap(child));
}

static bool wanted(const struct target *target, const struct ruleset *rules)
{
	return serves(target->kind) && !rulebook_joins_by_default(rules) && may_load() &&
	       survives_bpf();
}

bool scoped_prepare(struct scoped *scoped, char *const command[], const struct target *target,
	const struct ruleset *rules)
{
	struct scoped_rules held = {.names = NULL};

	if (!wanted(target, rules) || !scoped_built())
		return false;
	if (scoped->alone) {
		say("--no-children cannot be had in a cgroup: what %s starts is there, too",
			command[0]);
		return false;
	}
	scoped->own.command = command;
	if (own_make(&scoped->own) != 0) {
		say("no cgroup can be made for %s: %s", command[0], scoped->own.why);
		return false;
	}
	if (!attach_for(scoped, wrapper_innermost(command), target, rules, &held)) {
		own_drop(&scoped->own);
		return false;
	}
	scoped->taken = true;
	scoped->kind = target->kind;
	scoped->joins = held.joins;
	free(held.names);
	return true;
}

static void say_way(const struct scoped *scoped, const char *name, const char *are)
{
	say("%s %s: its options %s set by the kernel, in a cgroup of its own (BPF)", name,
		kind_table[scoped->kind], are);
	scoped_say_joins(&(struct scoped_rules){.joins = scoped->joins});
}

bool scoped_enter(struct scoped *scoped, const char *name)
{
	if (own_enter(&scoped->own) == 0) {
		say_way(scoped, name, "are");
		return true;
	}
	say("its cgroup cannot be entered: %s", scoped->own.why);
	return false;
}

void scoped_would(struct scoped *scoped, const char *name)
{
	say_way(scoped, name, "would be");
	own_drop(&scoped->own);
}
