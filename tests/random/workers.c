/* Forks and waits; knows nothing of what is done. */
#include "workers.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "tests/helper/must.h"

#define WORKERS 4

static unsigned running;

bool worker_begin(void)
{
	pid_t self = getpid(), pid;

	while (running >= WORKERS)
		worker_wait();
	fflush(stdout);
	pid = fork();
	MUST(pid >= 0);
	if (pid > 0) {
		running++;
		return false;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != self)
		_exit(1);
	running = 0;
	return true;
}

void worker_end(void)
{
	fflush(stdout);
	_exit(0);
}

bool worker_wait(void)
{
	int status;

	if (running == 0)
		return false;
	MUST(wait(&status) > 0 && status == 0);
	running--;
	return true;
}

void *worker_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	MUST(memory != MAP_FAILED);
	return memory;
}

void worker_memory_free(void *memory, size_t size)
{
	munmap(memory, size);
}
