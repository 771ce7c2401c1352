/* Recorded ends: what replaces or ends the process is preceded by the last look at what is open. A
 * child of vfork() is its parent's guest and ends nothing. */
#include <sys/types.h>

#include "shim/base/control.h"
#include "shim/record/calls.h"
#include "shim/record/connection.h"
#include "shim/record/exec.h"

static void leave(enum trace_end end)
{
	if (!control_in_child())
		trace_end(end);
}

static unsigned leave_for(const char *program)
{
	leave(END_EXEC);
	return trace_exec_begin(program, false);
}

/* The exec failed. */
static int stay(unsigned place, int result)
{
	trace_exec_failed(place);
	if (!control_in_child())
		trace_mark_end(END_NOT_SEEN);
	return result;
}

static int traced_execve(const char *path, char *const argv[], char *const envp[])
{
	const unsigned place = leave_for(path);

	return stay(place, libc()->execve(path, argv, envp));
}

static int traced_execv(const char *path, char *const argv[])
{
	const unsigned place = leave_for(path);

	return stay(place, libc()->execv(path, argv));
}

static int traced_execvp(const char *file, char *const argv[])
{
	const unsigned place = leave_for(file);

	return stay(place, libc()->execvp(file, argv));
}

static int traced_execvpe(const char *file, char *const argv[], char *const envp[])
{
	const unsigned place = leave_for(file);

	return stay(place, libc()->execvpe(file, argv, envp));
}

static int traced_fexecve(int fd, char *const argv[], char *const envp[])
{
	const unsigned place = leave_for(NULL);

	return stay(place, libc()->fexecve(fd, argv, envp));
}

static int traced_execveat(
	int dir, const char *path, char *const argv[], char *const envp[], int flags)
{
	const unsigned place = leave_for(path);

	return stay(place, libc()->execveat(dir, path, argv, envp, flags));
}

/* What it started is another process: this one goes on. */
static int spawned(unsigned place, int error, const pid_t *pid)
{
	if (error)
		trace_exec_failed(place);
	else
		trace_exec_spawned(place, *pid);
	return error;
}

static int traced_posix_spawn(pid_t *restrict pid, const char *restrict path,
	const posix_spawn_file_actions_t *restrict actions,
	const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
	char *const envp[restrict])
{
	pid_t own = 0, *child = pid ? pid : &own;
	const unsigned place = trace_exec_begin(path, true);

	return spawned(
		place, libc()->posix_spawn(child, path, actions, attributes, argv, envp), child);
}

static int traced_posix_spawnp(pid_t *restrict pid, const char *restrict file,
	const posix_spawn_file_actions_t *restrict actions,
	const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
	char *const envp[restrict])
{
	pid_t own = 0, *child = pid ? pid : &own;
	const unsigned place = trace_exec_begin(file, true);

	return spawned(
		place, libc()->posix_spawnp(child, file, actions, attributes, argv, envp), child);
}

static void traced__exit(int status)
{
	leave(END_EXIT);
	libc()->_exit(status);
	__builtin_unreachable();
}

static void traced__Exit(int status)
{
	leave(END_EXIT);
	libc()->_Exit(status);
	__builtin_unreachable();
}

static void traced_quick_exit(int status)
{
	leave(END_EXIT);
	libc()->quick_exit(status);
	__builtin_unreachable();
}

static void traced_abort(void)
{
	leave(END_EXIT);
	libc()->abort();
	__builtin_unreachable();
}

void trace_leaves_install(struct real *table)
{
	TRACE_INSTALL(table, execve);
	TRACE_INSTALL(table, execv);
	TRACE_INSTALL(table, execvp);
	TRACE_INSTALL(table, execvpe);
	TRACE_INSTALL(table, fexecve);
	TRACE_INSTALL(table, execveat);
	TRACE_INSTALL(table, posix_spawn);
	TRACE_INSTALL(table, posix_spawnp);
	TRACE_INSTALL(table, _exit);
	TRACE_INSTALL(table, _Exit);
	TRACE_INSTALL(table, quick_exit);
	TRACE_INSTALL(table, abort);
}
