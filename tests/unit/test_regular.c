/* Opening what must be a regular file: everything else is refused without waiting for it, also
 * where it is exchanged between the look and the opening. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules/regular.h"

static char folder[] = "/tmp/sockfix-regular-XXXXXX";

static int set_up(void **state)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "socket"};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	close(fd);
	close(open("file", O_WRONLY | O_CREAT, 0600));
	assert_int_equal(symlink("file", "link"), 0);
	assert_int_equal(symlink("fifo", "fifo-link"), 0);
	return mkfifo("fifo", 0600) || mkdir("folder", 0700);
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return chdir("/") == 0 ? system(command) : -1;
}

static void is_refused(const char *path, int flags, const char *kind)
{
	struct stat status;

	assert_int_equal(regular_open(AT_FDCWD, path, flags, &status), NOT_REGULAR);
	assert_string_equal(regular_kind(&status), kind);
}

static void what_is_no_file_is_refused(void **state)
{
	struct stat status;

	(void)state;
	alarm(20); /* a net against hangs */
	is_refused("fifo", 0, "a FIFO");
	is_refused("fifo-link", 0, "a FIFO");
	is_refused("fifo", O_NOFOLLOW, "a FIFO");
	is_refused("socket", 0, "a socket");
	is_refused("folder", 0, "a directory");
	is_refused("/dev/null", 0, "a device");
	is_refused("link", O_NOFOLLOW, "a symbolic link");
	assert_int_equal(regular_open(AT_FDCWD, "nothing", 0, &status), -ENOENT);
	assert_int_equal(regular_open(AT_FDCWD, "file/x", 0, &status), -ENOTDIR);
	alarm(0);
}

static void a_file_is_opened(void **state)
{
	const char *const path[] = {"file", "link"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct stat status;
		int fd = regular_open(AT_FDCWD, path[i], 0, &status);

		assert_true(fd >= 0);
		assert_true(S_ISREG(status.st_mode));
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
		close(fd);
	}
}

/* A child that makes the FIFO the file and back, until it is killed. */
static pid_t start_exchanging(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	for (;;)
		renameat2(AT_FDCWD, "file", AT_FDCWD, "fifo", RENAME_EXCHANGE);
}

static void one_that_is_exchanged_meanwhile_is_not_waited_for(void **state)
{
	pid_t pid = start_exchanging();

	(void)state;
	alarm(60);
	for (int i = 0; i < 200000; i++) {
		struct stat status;
		int fd = regular_open(AT_FDCWD, "file", 0, &status);

		if (fd == NOT_REGULAR)
			continue;
		assert_true(fd >= 0);
		assert_true(S_ISREG(status.st_mode));
		close(fd);
	}
	alarm(0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(a_file_is_opened),
		cmocka_unit_test(one_that_is_exchanged_meanwhile_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
