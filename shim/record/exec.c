/* Who starts what, and who came up: the notes of record/exec.h.
 *
 * A place is taken by putting the number of the process into it, and freed by putting 0. Nothing is
 * counted, so that an exec which nobody noted (a raw one, system()) cannot hide another. */
#include "shim/record/exec.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "shim/base/kernel.h"
#include "shim/base/memory.h"
#include "shim/record/guest.h"
#include "shim/record/room.h"

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

/* Numbers of processes are told apart by their namespace; 0 where it cannot be seen. */
static uint32_t own_space(void)
{
	struct kernel_stat status;

	return kernel_call(SYS_newfstatat, AT_FDCWD, "/proc/self/ns/pid", &status, 0) == 0
		       ? (uint32_t)status.st_ino
		       : 0;
}

/* NULL, too, where the program has cut the budget off: to touch it would be a SIGBUS. */
static struct trace_exec *places(void)
{
	return trace_budget && memory_readable(trace_budget->exec, 1) ? trace_budget->exec : NULL;
}

static unsigned take(int32_t pid, const char *program)
{
	struct trace_exec *exec = places();

	for (unsigned place = 0; exec && place < TRACE_EXECS; place++) {
		int32_t nobody = 0;

		if (!atomic_compare_exchange_strong(&exec[place].pid, &nobody, pid))
			continue;
		exec[place].space = own_space();
		copy_name(exec[place].program, sizeof(exec[place].program), program);
		return place + 1;
	}
	return 0;
}

/* Frees the places that hold this number. */
static bool take_back(int32_t pid)
{
	struct trace_exec *exec = places();
	bool taken = false;

	for (unsigned place = 0; exec && place < TRACE_EXECS; place++) {
		int32_t expected = pid;

		if (atomic_load(&exec[place].pid) == pid && exec[place].space == own_space() &&
			atomic_compare_exchange_strong(&exec[place].pid, &expected, 0))
			taken = true;
	}
	return taken;
}

unsigned trace_exec_begin(const char *program, bool spawns)
{
	return ignored ? 0 : take(spawns ? -own_pid() : own_pid(), program ? program : "");
}

void trace_exec_failed(unsigned place)
{
	struct trace_exec *exec = place ? places() : NULL;

	if (exec)
		atomic_store(&exec[place - 1].pid, 0);
}

/* The child says that it came up and looks for its place; we name the place and look for its word:
 * whoever is second finds the other. */
void trace_exec_spawned(unsigned place, pid_t child)
{
	struct trace_exec *exec = place ? places() : NULL;

	if (!exec)
		return;
	atomic_store(&exec[place - 1].pid, (int32_t)child);
	if (take_back((int32_t)child | TRACE_EXEC_ARRIVED))
		take_back((int32_t)child);
}

static bool spawns_now(int32_t parent)
{
	struct trace_exec *exec = places();

	for (unsigned place = 0; exec && place < TRACE_EXECS; place++)
		if (atomic_load(&exec[place].pid) == -parent)
			return true;
	return false;
}

/* A guest may have been noted where it cannot write: its word stays for the reader of both. */
void trace_exec_arrived(void)
{
	const int32_t pid = own_pid(), parent = (int32_t)kernel_call(SYS_getppid);
	bool said;

	if (take_back(pid) || !parent)
		return;
	said = (trace_guest_is() || spawns_now(parent)) && take(pid | TRACE_EXEC_ARRIVED, "");
	if (take_back(pid) && said)
		take_back(pid | TRACE_EXEC_ARRIVED);
}

void trace_exec_ignore(void)
{
	ignored = true;
}
