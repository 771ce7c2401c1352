/* The process as rules see it: program, script, arguments, user.
 *
 * Reads /proc/self, each thing once, in the constructor or where new rules ask for it, by raw
 * system calls. Must not keep a descriptor and must not fail: what cannot be known is "". */
#include "shim/settle/subject.h"

#include <fcntl.h>
#include <string.h>

#include "rules/command.h"
#include "shim/base/kernel.h"
#include "shim/base/page.h"
#include "shim/base/proc.h"

#define ARGUMENTS 8192 /* bytes of the command line that rules can see */

static bool ask_for_user;
static SELDOM char program[256], argv0[256], script[256], args[ARGUMENTS];

static void copy(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size - 1);

	memcpy(to, from, length);
	to[length] = '\0';
}

static void find_program(void)
{
	static SELDOM char path[4096]; /* a signal handler's stack may be small */
	long length =
		kernel_call(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", path, sizeof(path) - 1);

	if (length <= 0)
		return;
	path[length] = '\0';
	copy(program, sizeof(program), command_base_name(path));
}

static void find_arguments(void)
{
	static SELDOM char line[ARGUMENTS];
	size_t length = proc_read("/proc/self/cmdline", line, sizeof(line) - 1);
	const char *first = line + strlen(line) + 1, *end = line + length, *found;

	copy(argv0, sizeof(argv0), command_base_name(line));
	if (first >= end)
		return;
	found = command_script(first, end);
	copy(script, sizeof(script), found ? found : "");
	memcpy(args, first, (size_t)(end - first));
	for (size_t i = 0; i + 1 < (size_t)(end - first); i++)
		if (args[i] == '\0')
			args[i] = ' ';
}

#define ABOUT_PROGRAM	(1u << MATCH_PROGRAM)
#define ABOUT_ARGUMENTS (1u << MATCH_PROGRAM | 1u << MATCH_SCRIPT | 1u << MATCH_ARGS)

void subject_start(const struct ruleset *set)
{
	static unsigned known;
	unsigned named = 0, asked;

	for (size_t i = 0; i < set->count; i++)
		named |= set->rule[i].match.named;
	asked = named & ~known;
	if (named & 1u << MATCH_USER)
		ask_for_user = true;
	if (asked & ABOUT_PROGRAM)
		find_program();
	if (asked & ABOUT_ARGUMENTS && !(known & ABOUT_ARGUMENTS))
		find_arguments();
	known |= named;
}

struct subject subject_self(void)
{
	struct subject self = {.program = program, .argv0 = argv0, .script = script, .args = args};

	if (ask_for_user)
		self.uid = (uint32_t)kernel_call(SYS_geteuid);
	return self;
}
