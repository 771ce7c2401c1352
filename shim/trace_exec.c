/* Who starts what, and who came up: the notes of trace_exec.h.
 *
 * A place is taken by putting the number of the process into it, and freed by putting 0. Nothing is
 * counted, so that an exec which nobody noted (a raw one, system()) cannot hide another. */
#include "trace_exec.h"

#include <string.h>

#include "kernel.h"
#include "memory.h"
#include "trace_room.h"

#define PAGE	  4096u
#define PATH_MOST 4096u

static bool ignored;

static int32_t own_pid(void)
{
	return (int32_t)kernel_call(SYS_getpid);
}

/* The last part of a path, as far as it can be read: the kernel has not looked at it yet. */
static void copy_name(char *name, size_t size, const char *path)
{
	size_t length = 0;

	for (size_t i = 0; i < PATH_MOST; i++) {
		if ((i == 0 || (uintptr_t)(path + i) % PAGE == 0) && !memory_readable(path + i, 1))
			break;
		if (!path[i])
			break;
		if (path[i] == '/')
			length = 0;
		else if (length + 1 < size)
			name[length++] = path[i];
	}
	memset(name + length, 0, size - length);
}

unsigned trace_exec_begin(const char *program, bool spawns)
{
	struct trace_exec *exec = ignored || !trace_budget ? NULL : trace_budget->exec;
	const int32_t pid = spawns ? -own_pid() : own_pid();

	for (unsigned place = 0; exec && place < TRACE_EXECS; place++) {
		int32_t nobody = 0;

		if (!atomic_compare_exchange_strong(&exec[place].pid, &nobody, pid))
			continue;
		copy_name(exec[place].program, sizeof(exec[place].program), program ? program : "");
		return place + 1;
	}
	return 0;
}

void trace_exec_failed(unsigned place)
{
	if (place)
		atomic_store(&trace_budget->exec[place - 1].pid, 0);
}

void trace_exec_spawned(unsigned place, pid_t child)
{
	int32_t unnamed = -own_pid();

	/* It may have come up meanwhile, and its place may be another's. */
	if (place)
		atomic_compare_exchange_strong(
			&trace_budget->exec[place - 1].pid, &unnamed, (int32_t)child);
}

/* Frees the places, at most so many, that hold this number. */
static unsigned take_back(int32_t pid, unsigned most)
{
	struct trace_exec *exec = trace_budget->exec;
	unsigned taken = 0;

	for (unsigned place = 0; place < TRACE_EXECS && taken < most; place++) {
		int32_t expected = pid;

		taken += atomic_compare_exchange_strong(&exec[place].pid, &expected, 0);
	}
	return taken;
}

void trace_exec_arrived(void)
{
	const int32_t pid = own_pid(), parent = (int32_t)kernel_call(SYS_getppid);

	/* Whoever spawned us may put our number there between the first two looks. Threads that
	 * each were about to become a program left several notes of one number. */
	if (take_back(pid, TRACE_EXECS) || (parent && take_back(-parent, 1)))
		return;
	take_back(pid, TRACE_EXECS);
}

void trace_exec_ignore(void)
{
	ignored = true;
}
