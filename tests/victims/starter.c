/* starter WAY PROGRAM [ARGUMENT...]: starts it in one of the ways that there are, waits, and ends
 * as it did. A way that fails first is tried on a name that is not there. */
#include "tests/victims/victim.h"

#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>

extern char **environ;
/* Declared from glibc 2.34 on. */
int execveat(int dir, const char *path, char *const argv[], char *const envp[], int flags);
#pragma weak execveat

static char **words;
static pid_t child;

static void by_execve(void)
{
	execve("./nosuch", words, environ);
	execve(words[0], words, environ);
}

static void by_execv(void)
{
	execv("./nosuch", words);
	execv(words[0], words);
}

static void by_execvp(void)
{
	execvp("nosuch", words);
	execvp(words[0], words);
}

static void by_execl(void)
{
	execl("./nosuch", "nosuch", NULL);
	execl(words[0], words[0], words[1], NULL);
}

static void by_fexecve(void)
{
	fexecve(open(words[0], O_RDONLY | O_CLOEXEC), words, environ);
}

static void by_execveat(void)
{
	errno = ENOSYS;
	if (execveat) {
		execveat(AT_FDCWD, "./nosuch", words, environ, 0);
		execveat(AT_FDCWD, words[0], words, environ, 0);
	}
	if (errno == ENOSYS) /* of libc, not of the kernel */
		syscall(SYS_execveat, AT_FDCWD, words[0], words, environ, 0);
}

static void by_number(void)
{
	syscall(SYS_execve, "./nosuch", words, environ);
	syscall(SYS_execve, words[0], words, environ);
}

static void *in_thread(void *unused)
{
	by_execve();
	return unused;
}

static void by_thread(void)
{
	pthread_t thread;

	NEED(pthread_create(&thread, NULL, in_thread, NULL) == 0);
	pthread_join(thread, NULL);
}

/* The kernel refuses the name, and so do we. */
static void by_bad_pointer(void)
{
	NEED(execve(nowhere, words, environ) == -1 && errno == EFAULT);
	by_execve();
}

static void by_spawn(void)
{
	NEED(posix_spawn(NULL, "./nosuch", NULL, NULL, words, environ) == ENOENT);
	NEED(posix_spawn(&child, words[0], NULL, NULL, words, environ) == 0);
}

static void by_spawnp(void)
{
	NEED(posix_spawnp(&child, "nosuch", NULL, NULL, words, environ) == ENOENT);
	NEED(posix_spawnp(&child, words[0], NULL, NULL, words, environ) == 0);
}

/* Nobody asks for its number. */
static void by_spawn_unnamed(void)
{
	NEED(posix_spawn(NULL, words[0], NULL, NULL, words, environ) == 0);
	child = -1;
}

static void by_vfork(void)
{
	child = vfork();
	if (child == 0) {
		execv("./nosuch", words);
		execv(words[0], words);
		_exit(127);
	}
}

static const struct {
	const char *name;
	void (*start)(void);
	bool here; /* it replaces the one who does it: in a child */
} way[] = {{"execve", by_execve, true}, {"execv", by_execv, true}, {"execvp", by_execvp, true},
	{"execl", by_execl, true}, {"fexecve", by_fexecve, true}, {"execveat", by_execveat, true},
	{"number", by_number, true}, {"thread", by_thread, true}, {"bad", by_bad_pointer, true},
	{"spawn", by_spawn, false}, {"spawnp", by_spawnp, false},
	{"unnamed", by_spawn_unnamed, false}, {"vfork", by_vfork, false}};

int main(int argc, char **argv)
{
	int status;

	NEED(argc > 2);
	words = argv + 2;
	for (size_t i = 0; i < sizeof(way) / sizeof(*way); i++) {
		if (strcmp(way[i].name, argv[1]) != 0)
			continue;
		if (way[i].here && (child = fork()) == 0) {
			way[i].start();
			_exit(127);
		}
		if (!way[i].here)
			way[i].start();
		NEED(waitpid(child, &status, 0) > 0 && WIFEXITED(status));
		return WEXITSTATUS(status);
	}
	return 99;
}
