/* start COUNT [NAME=VALUE]... -- COMMAND [ARG]...: starts the command so often, one after the
 * other, with those variables added, and prints the milliseconds from before it is made until it
 * has been waited for, in the median. Never under sockfix itself. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "tests/helper/must.h"

static uint64_t start(char **command)
{
	uint64_t began = time_of(CLOCK_MONOTONIC);
	int status;
	pid_t pid;

	MUST(posix_spawnp(&pid, *command, NULL, NULL, command, environ) == 0);
	MUST(waitpid(pid, &status, 0) == pid && status == 0);
	return time_of(CLOCK_MONOTONIC) - began;
}

static int compare(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return (one > other) - (one < other);
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	uint64_t *took;
	int i = 2;

	MUST(count > 0);
	took = must_realloc(NULL, count * sizeof(*took));
	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		MUST(putenv(argv[i]) == 0);
	MUST(i + 1 < argc);
	for (size_t n = 0; n < count; n++)
		took[n] = start(argv + i + 1);
	qsort(took, count, sizeof(*took), compare);
	printf("ms %.4f\n", (double)took[count / 2] / 1e6);
	return 0;
}
