/* `sockfix status` on processes that should have the library and have not: real ones, each without
 * it for a reason of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"

#define RULES "SOCKFIX_RULES=1:default"
enum { NOBODY = 65534, TRIES = 600 };

static struct capture capture = {.env = capture_clean};
static char *folder, *sleeper;
static pid_t process;

static char *copy(const char *from, const char *name, mode_t mode)
{
	char *to = must_print("%s/%s", folder, name), *line = must_print("cp %s %s", from, to);

	MUST(system(line) == 0 && chmod(to, mode) == 0);
	free(line);
	return to;
}

static int set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	sleeper = copy("/bin/sleep", "sleeper", 0755);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(sleeper);
	capture_folder_free(folder);
	return 0;
}

/* Until its exec is over, /proc/PID/exe is ours. */
static void wait_for(const char *program)
{
	char *link = must_print("/proc/%d/exe", (int)process), exe[4096];
	ssize_t length;

	do {
		usleep(1000);
		length = readlink(link, exe, sizeof(exe) - 1);
		exe[length > 0 ? length : 0] = '\0';
	} while (strcmp(exe, program) != 0);
	free(link);
}

static void start(const char *program, char *const argv[], char *const environment[])
{
	fflush(NULL);
	process = fork();
	MUST(process >= 0);
	if (process == 0) {
		MUST(freopen("/dev/null", "w", stderr) != NULL);
		execve(program, argv, environment);
		_exit(99);
	}
	wait_for(program);
}

static void start_sleeper(const char *preload)
{
	char *const argv[] = {(char[]){"sleeper"}, (char[]){"100"}, NULL};
	char rules[] = RULES, other[4200] = "";
	char *const environment[] = {rules, *preload ? other : NULL, NULL};

	snprintf(other, sizeof(other), "LD_PRELOAD=%s", preload);
	start(sleeper, argv, environment);
}

static void end(void)
{
	kill(process, SIGKILL);
	MUST(waitpid(process, NULL, 0) == process);
}

static void status(const char *options)
{
	char *line = must_print("status %s", options);

	capture_sockfix(&capture, line);
	free(line);
}

static void status_of(int expected)
{
	char *number = must_print("%d", (int)process);

	status(number);
	if (capture.status != expected)
		fail_msg("%d, not %d: %s%s", capture.status, expected, capture.out, capture.err);
	free(number);
}

static void expect(const char *name, const char *why)
{
	char *line = must_print("dropped: process %d (%s) should have it and has not: %s\n",
		(int)process, name, why);

	status_of(1);
	assert_string_equal(capture.out, line);
	assert_string_equal(capture.err, "");
	status("");
	if (!strstr(capture.out, line))
		fail_msg("no '%s' in:\n%s", line, capture.out);
	end();
	free(line);
}

/* ---- why ---- */

static void lost(void **state)
{
	(void)state;
	start_sleeper("");
	expect("sleeper", "LD_PRELOAD was lost on the way; what else sockfix put into its "
			  "environment was not");
}

/* perl's $0 reaches over the environment that it was started with. */
static void written_over(void **state)
{
	char *const argv[] = {(char[]){"perl"}, (char[]){"-e"},
		(char[]){"$0 = 'x' x 4000; print \"ready\\n\"; close STDOUT; sleep 100"}, NULL};
	char rules[] = RULES, *line, byte;
	int ready[2];

	(void)state;
	MUST(pipe(ready) == 0);
	fflush(NULL);
	process = fork();
	MUST(process >= 0);
	if (process == 0) {
		dup2(ready[1], STDOUT_FILENO);
		close(ready[0]);
		close(ready[1]);
		execve("/usr/bin/perl", argv, (char *const[]){rules, NULL});
		_exit(99);
	}
	close(ready[1]);
	MUST(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	status_of(1);
	line = must_print("sockfix: process %d has not the library: whether it should cannot be "
			  "told, for it has written over its environment\n",
		(int)process);
	assert_string_equal(capture.out, "");
	assert_string_equal(capture.err, line);
	free(line);
	end();
}

static void overwritten(void **state)
{
	(void)state;
	start_sleeper("/nonexistent/jemalloc.so");
	expect("sleeper", "LD_PRELOAD was overwritten: it is /nonexistent/jemalloc.so");
}

static void gone(void **state)
{
	(void)state;
	start_sleeper("/nonexistent/libsockfix.so");
	expect("sleeper", "LD_PRELOAD names /nonexistent/libsockfix.so, which is not there");
}

/* Only after a while, for a loader needs some. */
static void refused(void **state)
{
	char *library, *why;

	(void)state;
	capture_write(folder, "libsockfix.so", "no library", 0644);
	library = must_print("%s/libsockfix.so", folder);
	why = must_print("LD_PRELOAD names %s, which its loader did not take", library);
	start_sleeper(library);
	for (int i = 0; i < TRIES; i++) {
		status_of(1);
		if (*capture.out)
			break;
		usleep(100000);
	}
	expect("sleeper", why);
	free(why);
	free(library);
}

static void secure(void **state)
{
	char *library = build_path("libsockfix.so");

	(void)state;
	need("root");
	MUST(chown(sleeper, NOBODY, NOBODY) == 0 && chmod(sleeper, 06755) == 0);
	start_sleeper(library);
	expect("sleeper",
		"it is setuid, setgid or has file capabilities: the loader ignored LD_PRELOAD");
	free(library);
}

static bool is_static(const char *program)
{
	char *line = must_print("readelf -lW %s | grep -q INTERP", program);
	const bool loaded = system(line) == 0;

	free(line);
	return !loaded;
}

/* The command itself, by another name, which looks at us for a while. */
static void without_a_loader(void **state)
{
	char *built = build_path("sockfix"), *program = copy(built, "alone", 0755), rules[] = RULES;
	char *us = must_print("%d", (int)getpid());
	char *const argv[] = {(char[]){"alone"}, (char[]){"look"}, (char[]){"-t"}, (char[]){"100"},
		(char[]){"-p"}, us, NULL};
	char *const environment[] = {rules, NULL};

	(void)state;
	if (is_static(program)) {
		start(program, argv, environment);
		expect("alone", "it is statically linked, no library can be preloaded into it");
	}
	free(us);
	free(program);
	free(built);
}

/* ---- who is not missing it ---- */

static void who_was_not_meant_to_have_it(void **state)
{
	char *const argv[] = {(char[]){"sleeper"}, (char[]){"100"}, NULL};
	char *const environment[] = {NULL};
	char *part;

	(void)state;
	start(sleeper, argv, environment);
	status_of(1);
	assert_string_equal(capture.out, "");
	part = must_print("process %d has not the library", (int)process);
	assert_non_null(strstr(capture.err, part));
	free(part);
	part = must_print("process %d ", (int)process);
	status("");
	assert_null(strstr(capture.out, part));
	free(part);
	end();
}

static void json(void **state)
{
	char *part;

	(void)state;
	start_sleeper("");
	status("--format json");
	part = must_print("\"pid\": %d,\n    \"state\": \"missing\",\n    \"why\": \"lost\",\n",
		(int)process);
	if (!strstr(capture.out, part))
		fail_msg("no '%s' in:\n%s", part, capture.out);
	free(part);
	end();
}

#define MISSING_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MISSING_TEST(lost),
		MISSING_TEST(written_over),
		MISSING_TEST(overwritten),
		MISSING_TEST(gone),
		MISSING_TEST(refused),
		MISSING_TEST(secure),
		MISSING_TEST(without_a_loader),
		MISSING_TEST(who_was_not_meant_to_have_it),
		MISSING_TEST(json),
	};
	const int failed = cmocka_run_group_tests_name("missing", tests, NULL, NULL);

	capture_free(&capture);
	return failed;
}
