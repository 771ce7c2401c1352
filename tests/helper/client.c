/* Real programs as children: environment cleaned, output kept, time bounded. It knows nothing of
 * what they are or what they say. */
#include "client.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "must.h"

static void exec_program(const char *const *argv, bool mended)
{
	const char *whole[CLIENT_ARGUMENTS + 4];
	const char *build = getenv("BUILD");
	size_t count = 0;

	unsetenv("LD_PRELOAD");
	unsetenv("SOCKFIX_RULES");
	setenv("LC_ALL", "C", 1);
	/* Perl walks its hashes in another order in each run, HTTP::Tiny its header lines too. */
	setenv("PERL_HASH_SEED", "0", 1);
	setenv("PERL_PERTURB_KEYS", "0", 1);
	if (mended) {
		setenv("SOCKFIX_LOG", "stderr", 1);
		whole[count++] = must_print("%s/sockfix", build ? build : "build");
		whole[count++] = "run";
		whole[count++] = "--";
	}
	for (size_t i = 0; i < CLIENT_ARGUMENTS && argv[i]; i++)
		whole[count++] = argv[i];
	whole[count] = NULL;
	/* execvp() promises not to change what it is given; its type cannot say so. */
	char *arguments[CLIENT_ARGUMENTS + 4];
	memcpy(arguments, whole, sizeof(whole));
	execvp(arguments[0], arguments);
	dprintf(STDERR_FILENO, "cannot run %s\n", whole[0]);
	_exit(127);
}

static void take_place(int fd, int place)
{
	MUST(dup2(fd, place) == place);
}

static int temporary_file(void)
{
	int fd = memfd_create("output", MFD_CLOEXEC);

	MUST(fd >= 0);
	return fd;
}

static char *whole_text(int fd)
{
	off_t length = lseek(fd, 0, SEEK_END);
	char *text = must_realloc(NULL, (size_t)length + 1);

	MUST(pread(fd, text, (size_t)length, 0) == length);
	text[length] = 0;
	close(fd);
	return text;
}

static void wait_for(pid_t pid, int *status)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd ended = {fd, POLLIN, 0};

	MUST(fd >= 0);
	int ready = poll(&ended, 1, CLIENT_SECONDS * 1000);
	if (ready != 1)
		kill(-pid, SIGKILL);
	MUST(ready == 1);
	close(fd);
	MUST(waitpid(pid, status, 0) == pid);
}

/* In the child: a group of its own, which ends with the test, also with one that failed. */
static void become_child(int out, int err)
{
	MUST(setpgid(0, 0) == 0);
	MUST(prctl(PR_SET_PDEATHSIG, SIGTERM) == 0);
	take_place(open("/dev/null", O_RDONLY), STDIN_FILENO);
	take_place(out, STDOUT_FILENO);
	if (err >= 0)
		take_place(err, STDERR_FILENO);
}

void client_run(const char *const *argv, bool mended, struct client *client)
{
	int out = temporary_file(), err = temporary_file();
	pid_t pid = fork();

	MUST(pid >= 0);
	if (pid == 0) {
		become_child(out, err);
		exec_program(argv, mended);
	}
	wait_for(pid, &client->status);
	client->out = whole_text(out);
	client->err = whole_text(err);
}

void client_free(struct client *client)
{
	free(client->out);
	free(client->err);
}

pid_t client_start(const char *const *argv, bool mended, int *out)
{
	int ends[2];

	MUST(pipe2(ends, O_CLOEXEC) == 0);
	pid_t pid = fork();
	MUST(pid >= 0);
	if (pid == 0) {
		become_child(ends[1], -1);
		exec_program(argv, mended);
	}
	setpgid(pid, pid); /* as the child does: whichever comes first */
	close(ends[1]);
	*out = ends[0];
	return pid;
}

void client_line(int out, char *line, size_t size)
{
	size_t used = 0;

	do
		MUST(used + 1 < size && read(out, line + used, 1) == 1);
	while (line[used++] != '\n');
	line[used - 1] = 0;
}

void client_end(pid_t pid)
{
	int status;

	kill(-pid, SIGTERM);
	wait_for(pid, &status);
}
