/* Hooks of the calls that end, replace or confine the process, by their names and by their numbers:
 * what is held, by any thread, goes before. fork has its handlers in life.c, vfork its stub in
 * vfork.S. Thin.
 */
#include <stdint.h>

#include "shim/base/memory.h"
#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/hook/raw.h"
#include "shim/life.h"
#include "shim/record/leave.h"

/* ---- exec ---- */

/* program: as it was given, NULL where it has no name. Returns what exec_failed() wants. */
static unsigned exec_begin(const char *program)
{
	flow_exec_begin();
	return leave_by_exec(program);
}

/* exec() only comes back when it failed. */
static int exec_failed(unsigned place, int result)
{
	leave_failed(place);
	flow_exec_failed();
	return result;
}

EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	const unsigned place = exec_begin(path);

	return exec_failed(place, real()->execve(path, argv, envp));
}

EXPORT int execv(const char *path, char *const argv[])
{
	const unsigned place = exec_begin(path);

	return exec_failed(place, real()->execv(path, argv));
}

EXPORT int execvp(const char *file, char *const argv[])
{
	const unsigned place = exec_begin(file);

	return exec_failed(place, real()->execvp(file, argv));
}

EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	const unsigned place = exec_begin(file);

	return exec_failed(place, real()->execvpe(file, argv, envp));
}

EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	const unsigned place = exec_begin(NULL);

	return exec_failed(place, real()->fexecve(fd, argv, envp));
}

EXPORT int execveat(int dir, const char *path, char *const argv[], char *const envp[], int flags)
{
	const unsigned place = exec_begin(path);

	return exec_failed(place, real()->execveat(dir, path, argv, envp, flags));
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
	const unsigned place = exec_begin(path);

	return exec_failed(place, real()->execv(path, argv));
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
	const unsigned place = exec_begin(file);

	return exec_failed(place, real()->execvp(file, argv));
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
	const unsigned place = exec_begin(path);

	return exec_failed(place, real()->execve(path, argv, envp));
}

long raw_execve(const struct raw *raw)
{
	const unsigned place = exec_begin((const char *)raw->a[0]);

	return exec_failed(place, (int)raw_call(raw));
}

long raw_execveat(const struct raw *raw)
{
	const unsigned place = exec_begin((const char *)raw->a[1]);

	return exec_failed(place, (int)raw_call(raw));
}

/* ---- posix_spawn ---- */

/* What it started is another process: this one goes on. */
static unsigned spawn_begin(const char *program, bool moves)
{
	flow_spawning(moves);
	return leave_spawning(program);
}

static int spawn_end(unsigned place, int error, const pid_t *child)
{
	leave_spawned(place, error, error ? 0 : *child);
	return error;
}

EXPORT int posix_spawn(pid_t *restrict pid, const char *restrict path,
	const posix_spawn_file_actions_t *restrict actions,
	const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
	char *const envp[restrict])
{
	const unsigned place = spawn_begin(path, actions != NULL);
	pid_t own = 0, *child = pid ? pid : &own;

	return spawn_end(
		place, real()->posix_spawn(child, path, actions, attributes, argv, envp), child);
}

EXPORT int posix_spawnp(pid_t *restrict pid, const char *restrict file,
	const posix_spawn_file_actions_t *restrict actions,
	const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
	char *const envp[restrict])
{
	const unsigned place = spawn_begin(file, actions != NULL);
	pid_t own = 0, *child = pid ? pid : &own;

	return spawn_end(
		place, real()->posix_spawnp(child, file, actions, attributes, argv, envp), child);
}

/* ---- the end ---- */

static void leaving(void)
{
	life_leaving();
	leave_by_exit();
}

EXPORT void _exit(int status)
{
	leaving();
	real()->_exit(status);
	__builtin_unreachable();
}

EXPORT void _Exit(int status)
{
	leaving();
	real()->_Exit(status);
	__builtin_unreachable();
}

long raw_exit(const struct raw *raw)
{
	leaving();
	return raw_call(raw);
}

/* The library's destructor is still to come. */
EXPORT void exit(int status)
{
	life_exiting();
	real()->exit(status);
	__builtin_unreachable();
}

EXPORT void quick_exit(int status)
{
	life_exiting();
	leave_by_exit();
	real()->quick_exit(status);
	__builtin_unreachable();
}

EXPORT void abort(void)
{
	flow_leaving();
	leave_by_exit();
	real()->abort();
	__builtin_unreachable();
}

/* A process whose main thread has ended goes on, and ends with its last thread. */
EXPORT void pthread_exit(void *result)
{
	life_thread_ending();
	real()->pthread_exit(result);
	__builtin_unreachable();
}

EXPORT void thrd_exit(int result)
{
	life_thread_ending();
	real()->thrd_exit(result);
	__builtin_unreachable();
}

/* ---- copies of this process ---- */

/* A fork without handlers, for signal handlers, too: the deadline's thread is left alone. */
EXPORT pid_t _Fork(void)
{
	flow_push_all();
	return real()->_Fork();
}

/* The deadline's thread would not be in the child of a fork. */
static void clone_begin(unsigned long flags)
{
	if (!(flags & CLONE_VM))
		life_alone();
	life_cloning(flags);
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
	clone_begin((unsigned long)flags);
	return real()->clone(run, stack, flags, argument, parent, storage, child);
}

long raw_clone(const struct raw *raw)
{
	clone_begin((unsigned long)raw->a[0]);
	return raw_call(raw);
}

/* A structure, of which the first word are the flags (clone3(2)). */
long raw_clone3(const struct raw *raw)
{
	const uint64_t *flags = (const uint64_t *)raw->a[0];

	if (memory_readable(flags, sizeof(*flags)))
		clone_begin(*flags);
	return raw_call(raw);
}

/* ---- walls ---- */

static void operates(int operation, unsigned long argument)
{
	if (life_is_confining(operation, argument))
		life_confined();
}

#define PRCTL(name)                                                                                \
	EXPORT int name(int operation, ...)                                                        \
	{                                                                                          \
		unsigned long argument[4];                                                         \
		va_list args;                                                                      \
                                                                                                   \
		va_start(args, operation);                                                         \
		for (int i = 0; i < 4; i++)                                                        \
			argument[i] = va_arg(args, unsigned long);                                 \
		va_end(args);                                                                      \
		operates(operation, argument[0]);                                                  \
		return real()->name(                                                               \
			operation, argument[0], argument[1], argument[2], argument[3]);            \
	}
PRCTL(prctl)
#ifdef __i386__
PRCTL(__prctl_time64)
#endif

long raw_prctl(const struct raw *raw)
{
	operates((int)raw->a[0], (unsigned long)raw->a[1]);
	return raw_call(raw);
}

long raw_confine(const struct raw *raw)
{
	life_confined();
	return raw_call(raw);
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

long raw_alone(const struct raw *raw)
{
	life_alone();
	return raw_call(raw);
}
