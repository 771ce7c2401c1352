/* What is too little is told by the limits alone, before anything else is looked at: a COMMAND that
 * just fits must not fail for what the library takes, 1 to 2 MB and some pages of stack, and what
 * reads rules must find its own memory. Allocates nothing. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

#include "rules/room.h"
#include "tools/launch/limits.h"

#define KB UINT64_C(1024)
#define MB (1024 * KB)

/* What this command needs before it has read a rule. */
#define OWN_MEMORY  (4 * MB)
#define OWN_STACK   (1 * MB)
#define SMALL_STACK (64 * KB) /* is enough to start COMMAND bare */

static const struct limit {
	int resource;
	uint64_t least; /* bytes */
	const char *what, *option;
} limit_table[] = {
	{RLIMIT_AS, 64 * MB, "memory", "v"},
	{RLIMIT_DATA, 64 * MB, "data", "d"},
	{RLIMIT_STACK, 256 * KB, "stack", "s"},
};

static bool is_below(int resource, uint64_t least, uint64_t *bytes)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return false;
	*bytes = limit.rlim_cur;
	return *bytes < least;
}

/* A folder of rules, and a file in it. */
static bool descriptors_there(void)
{
	const int one = open("/", O_PATH | O_CLOEXEC), two = open("/", O_PATH | O_CLOEXEC);

	if (one >= 0)
		close(one);
	if (two >= 0)
		close(two);
	return one >= 0 && two >= 0;
}

bool limits_leave_room(char *why, size_t size)
{
	uint64_t bytes;

	for (size_t i = 0; i < sizeof(limit_table) / sizeof(*limit_table); i++) {
		const struct limit *limit = &limit_table[i];

		if (!is_below(limit->resource, limit->least, &bytes))
			continue;
		snprintf(why, size,
			"the limit of %llu KB on %s (ulimit -%s) leaves no room for the library",
			(unsigned long long)(bytes / KB), limit->what, limit->option);
		return false;
	}
	if (!room_there(OWN_MEMORY))
		snprintf(why, size, LIMITS_NO_MEMORY);
	else if (!descriptors_there())
		snprintf(why, size, "too few descriptors are left to read rules with (ulimit -n)");
	else
		return true;
	return false;
}

/* makecontext(3) passes ints. */
static struct {
	int (*body)(int, char **);
	int argc, status;
	char **argv;
} call;

static void run_call(void)
{
	call.status = call.body(call.argc, call.argv);
}

static bool switch_stack(void *stack, size_t size)
{
	static ucontext_t here, there;

	if (getcontext(&there) != 0)
		return false;
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = size;
	there.uc_link = &here;
	makecontext(&there, run_call, 0);
	return swapcontext(&here, &there) == 0;
}

int limits_call(int (*body)(int argc, char **argv), int argc, char **argv)
{
	uint64_t bytes;
	void *stack;

	if (!is_below(RLIMIT_STACK, OWN_STACK, &bytes))
		return body(argc, argv);
	call.body = body;
	call.argc = argc;
	call.argv = argv;
	for (size_t size = OWN_STACK; size >= SMALL_STACK; size /= 2) {
		stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
		if (stack != MAP_FAILED)
			return switch_stack(stack, size) ? call.status : body(argc, argv);
	}
	return body(argc, argv);
}
