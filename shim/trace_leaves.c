/* Recorded ends: what replaces or ends the process is preceded by the last look at what is open. A
 * child of vfork() is its parent's guest and ends nothing. */
#include "life.h"
#include "trace_calls.h"
#include "trace_connection.h"

static void leave(enum trace_end end)
{
	if (!life_in_vfork_child())
		trace_end(end);
}

/* The exec failed. */
static int stay(int result)
{
	if (!life_in_vfork_child())
		trace_mark_end(END_NOT_SEEN);
	return result;
}

static int traced_execve(const char *path, char *const argv[], char *const envp[])
{
	leave(END_EXEC);
	return stay(libc()->execve(path, argv, envp));
}

static int traced_execv(const char *path, char *const argv[])
{
	leave(END_EXEC);
	return stay(libc()->execv(path, argv));
}

static int traced_execvp(const char *file, char *const argv[])
{
	leave(END_EXEC);
	return stay(libc()->execvp(file, argv));
}

static int traced_execvpe(const char *file, char *const argv[], char *const envp[])
{
	leave(END_EXEC);
	return stay(libc()->execvpe(file, argv, envp));
}

static int traced_fexecve(int fd, char *const argv[], char *const envp[])
{
	leave(END_EXEC);
	return stay(libc()->fexecve(fd, argv, envp));
}

static int traced_execveat(
	int dir, const char *path, char *const argv[], char *const envp[], int flags)
{
	leave(END_EXEC);
	return stay(libc()->execveat(dir, path, argv, envp, flags));
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
	TRACE_INSTALL(table, _exit);
	TRACE_INSTALL(table, _Exit);
	TRACE_INSTALL(table, quick_exit);
	TRACE_INSTALL(table, abort);
}
