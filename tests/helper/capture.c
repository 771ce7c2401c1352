/* Runs one command to its end and keeps its stdout and stderr. What it prints goes to memory files,
 * so that no pipe can fill up; a terminal is a pseudo terminal. Judges nothing. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"

const char *const capture_clean[] = {"LD_PRELOAD", "SOCKFIX_RULES", "SOCKFIX_OFF", "SOCKFIX_LOG",
	"SOCKFIX_CHILDREN", "COLUMNS", "NO_COLOR", "XDG_CONFIG_HOME", "HOME=/nonexistent",
	"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
	"ASAN_OPTIONS=verify_asan_link_order=0", NULL};

enum { PATIENCE = 120 }; /* seconds: against a hang, not a measure */

static void change_environment(const char *const *env)
{
	for (; env && *env; env++) {
		char *equals = strchr(*env, '=');
		if (!equals) {
			unsetenv(*env);
			continue;
		}
		char *name = strndup(*env, (size_t)(equals - *env));
		setenv(name, equals + 1, 1);
		free(name);
	}
}

static void become(const struct capture *capture, const char *const argv[], int out, int err)
{
	int null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	change_environment(capture->env);
	if (capture->dir && chdir(capture->dir) != 0)
		_exit(99);
	if (capture->uid &&
		(setgroups(0, NULL) != 0 || setgid(capture->uid) != 0 || setuid(capture->uid) != 0))
		_exit(99);
	alarm(PATIENCE);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(99);
}

static char *read_all(int fd, size_t *size)
{
	char *text = NULL;
	size_t room = 0;
	*size = 0;
	for (;;) {
		if (*size + 1 >= room) {
			room = room ? 2 * room : 4096;
			char *larger = realloc(text, room);
			assert_non_null(larger);
			text = larger;
		}
		ssize_t got = read(fd, text + *size, room - *size - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) /* EIO: the other side of a terminal is closed */
			break;
		*size += (size_t)got;
	}
	text[*size] = '\0';
	return text;
}

static void wait_for(struct capture *capture, pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	capture->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	assert_int_not_equal(capture->status, 99);
}

static int memory_file(void)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

/* terminal: -1, or the side of a pseudo terminal that is read here. */
static void run(struct capture *capture, const char *const argv[], int out, int terminal)
{
	int err = memory_file();
	size_t size;
	capture_free(capture);
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		become(capture, argv, out, err);
	if (terminal >= 0) {
		close(out);
		capture->out = read_all(terminal, &capture->out_size);
		close(terminal);
	}
	wait_for(capture, pid);
	if (terminal < 0) {
		lseek(out, 0, SEEK_SET);
		capture->out = read_all(out, &capture->out_size);
		close(out);
	}
	lseek(err, 0, SEEK_SET);
	capture->err = read_all(err, &size);
	close(err);
}

void capture_run(struct capture *capture, const char *const argv[])
{
	run(capture, argv, memory_file(), -1);
}

void capture_terminal(struct capture *capture, const char *const argv[])
{
	const struct winsize size = {
		.ws_row = 24, .ws_col = capture->columns ? capture->columns : 80};
	int ours, theirs;
	assert_int_equal(openpty(&ours, &theirs, NULL, NULL, &size), 0);
	fcntl(ours, F_SETFD, FD_CLOEXEC);
	run(capture, argv, theirs, ours);
}

void capture_sockfix(struct capture *capture, const char *line)
{
	const char *argv[64];
	char *copy = strdup(line), *rest = NULL, *command = build_path("sockfix");
	size_t count = 0;
	argv[count++] = command;
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		assert_true(count < 63);
		argv[count++] = word;
	}
	argv[count] = NULL;
	capture_run(capture, argv);
	free(command);
	free(copy);
}

char *capture_folder_new(void)
{
	char *folder = strdup("/var/tmp/sockfix-test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chmod(folder, 0755), 0);
	return folder;
}

void capture_folder_free(char *folder)
{
	struct capture capture = {0};
	capture_run(&capture, (const char *[]){"rm", "-rf", folder, NULL});
	assert_int_equal(capture.status, 0);
	capture_free(&capture);
	free(folder);
}

void capture_write(const char *folder, const char *name, const char *text, mode_t mode)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

void capture_free(struct capture *capture)
{
	free(capture->out);
	free(capture->err);
	capture->out = capture->err = NULL;
}

char *capture_text(const char *line)
{
	struct capture capture = {.env = capture_clean};
	char *text;

	capture_sockfix(&capture, line);
	if (capture.status != 0)
		fail_msg("sockfix %s: status %d: %s", line, capture.status, capture.err);
	text = must_print("%s", capture.out);
	capture_free(&capture);
	return text;
}
