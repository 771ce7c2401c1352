/* Running a real program to its end, bare or by `sockfix run --`, and keeping what it printed.
 * BUILD (default "build") is where sockfix lies. */
#ifndef TEST_CLIENT_H
#define TEST_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CLIENT_ARGUMENTS 32

/* How long a program may take before it is killed and the test fails: a net against hangs. */
#define CLIENT_SECONDS 120

struct client {
	int status; /* as waitpid(2) gives it */
	char *out, *err;
};

/* Looks argv[0] up in $PATH. Library and rules that the test itself was started with are not handed
 * on. A program that is not there ends with status 127, as in a shell. */
void client_run(const char *const *argv, bool mended, struct client *client);
void client_free(struct client *client);

/* For programs that serve: starts it in a process group of its own, with stdout in *out, a pipe. */
pid_t client_start(const char *const *argv, bool mended, int *out);

/* The next line that it prints, without its end: servers say in it that they are ready. */
void client_line(int out, char *line, size_t size);

/* Ends the program and all it started, by SIGTERM to that group, and waits for it. */
void client_end(pid_t pid);

#endif
