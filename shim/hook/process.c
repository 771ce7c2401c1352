/* Hooks of the calls that end, replace or confine the process: what is held, by any thread, goes
 * before. fork has its handlers in life.c, vfork its stub in vfork.S. Thin.
 */
#include <stdint.h>

#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/life.h"
#include "shim/real.h"

/* exec() only comes back when it failed. */
static int failed(int result)
{
	flow_exec_failed();
	return result;
}

EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	flow_exec_begin();
	return failed(real()->execve(path, argv, envp));
}

EXPORT int execv(const char *path, char *const argv[])
{
	flow_exec_begin();
	return failed(real()->execv(path, argv));
}

EXPORT int execvp(const char *file, char *const argv[])
{
	flow_exec_begin();
	return failed(real()->execvp(file, argv));
}

EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	flow_exec_begin();
	return failed(real()->execvpe(file, argv, envp));
}

EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	flow_exec_begin();
	return failed(real()->fexecve(fd, argv, envp));
}

EXPORT int execveat(int dir, const char *path, char *const argv[], char *const envp[], int flags)
{
	flow_exec_begin();
	return failed(real()->execveat(dir, path, argv, envp, flags));
}

/* How many pointers argv needs: first, the words of the list, and the NULL that ends it. */
static size_t count_words(va_list *words)
{
	size_t count = 2;

	while (va_arg(*words, char *))
		count++;
	return count;
}

/* Copies them; the list then stands behind the NULL, where execle() has its environment. */
static void copy_words(char **argv, const char *first, va_list words)
{
	*argv++ = (char *)(uintptr_t)first;
	while ((*argv++ = va_arg(words, char *)))
		;
}

EXPORT int execl(const char *path, const char *first, ...)
{
	va_list words;

	va_start(words, first);
	char *argv[count_words(&words)];
	va_end(words);
	va_start(words, first);
	copy_words(argv, first, words);
	va_end(words);
	flow_exec_begin();
	return failed(real()->execv(path, argv));
}

EXPORT int execlp(const char *file, const char *first, ...)
{
	va_list words;

	va_start(words, first);
	char *argv[count_words(&words)];
	va_end(words);
	va_start(words, first);
	copy_words(argv, first, words);
	va_end(words);
	flow_exec_begin();
	return failed(real()->execvp(file, argv));
}

EXPORT int execle(const char *path, const char *first, ...)
{
	va_list words;
	size_t count;

	va_start(words, first);
	count = count_words(&words);
	char **envp = va_arg(words, char **);
	va_end(words);
	char *argv[count];
	va_start(words, first);
	copy_words(argv, first, words);
	va_end(words);
	flow_exec_begin();
	return failed(real()->execve(path, argv, envp));
}

EXPORT int posix_spawn(pid_t *restrict pid, const char *restrict path,
	const posix_spawn_file_actions_t *restrict actions,
	const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
	char *const envp[restrict])
{
	flow_spawning(actions != NULL);
	return real()->posix_spawn(pid, path, actions, attributes, argv, envp);
}

EXPORT int posix_spawnp(pid_t *restrict pid, const char *restrict file,
	const posix_spawn_file_actions_t *restrict actions,
	const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
	char *const envp[restrict])
{
	flow_spawning(actions != NULL);
	return real()->posix_spawnp(pid, file, actions, attributes, argv, envp);
}

EXPORT void _exit(int status)
{
	life_leaving();
	real()->_exit(status);
	__builtin_unreachable();
}

EXPORT void _Exit(int status)
{
	life_leaving();
	real()->_Exit(status);
	__builtin_unreachable();
}

EXPORT void exit(int status)
{
	life_exiting();
	real()->exit(status);
	__builtin_unreachable();
}

EXPORT void quick_exit(int status)
{
	life_exiting();
	real()->quick_exit(status);
	__builtin_unreachable();
}

EXPORT void abort(void)
{
	flow_leaving();
	real()->abort();
	__builtin_unreachable();
}

/* A fork without handlers, for signal handlers, too: the deadline's thread is left alone. */
EXPORT pid_t _Fork(void)
{
	flow_push_all();
	return real()->_Fork();
}

EXPORT int clone(int (*run)(void *), void *stack, int flags, void *argument, ...)
{
	pid_t *parent, *child;
	void *storage;
	va_list args;

	va_start(args, argument);
	parent = va_arg(args, pid_t *);
	storage = va_arg(args, void *);
	child = va_arg(args, pid_t *);
	va_end(args);
	life_cloning((unsigned long)flags);
	return real()->clone(run, stack, flags, argument, parent, storage, child);
}

EXPORT int prctl(int operation, ...)
{
	unsigned long argument[4];
	va_list args;

	va_start(args, operation);
	for (int i = 0; i < 4; i++)
		argument[i] = va_arg(args, unsigned long);
	va_end(args);
	if (life_is_confining(operation, argument[0]))
		life_confined();
	return real()->prctl(operation, argument[0], argument[1], argument[2], argument[3]);
}

EXPORT int unshare(int flags)
{
	life_alone();
	return real()->unshare(flags);
}

EXPORT int setns(int fd, int type)
{
	life_alone();
	return real()->setns(fd, type);
}

EXPORT int capset(void *header, const void *data)
{
	life_alone();
	return real()->capset(header, data);
}
