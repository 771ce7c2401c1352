/* Processes that outlive COMMAND: the recording stays where they write it, who lives is said, no
 * 'no' is said before the last of them has ended, and nothing of what they do is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/stage.h"

#define ONLY_WATCHED "sockfix: rules: none. This run is only watched.\n"
#define NO_NO	     "\n  NOT SURE. Nothing that was seen looks like a stall.\n"

/* daemon.pl PORT WORKERS: has 30 turns, leaves its workers behind, says their PIDs and ends with 4.
 * Worker N has 30 turns once somebody writes to goN, and its end is the end of doneN. All have
 * written over their arguments and their environment. */
static const char daemon_text[] =
	"use IO::Socket; use POSIX; $| = 1; my ($port, $workers) = @ARGV; $0 = 'd' x 9000;\n"
	"sub talk { my $s = IO::Socket::INET->new(\"127.0.0.1:$port\") or die;\n"
	"	for (1 .. 30) { syswrite($s, \"x\\n\"); sysread($s, my $a, 9) or die } }\n"
	"talk();\n"
	"for my $n (1 .. $workers) {\n"
	"	my $pid = fork;\n"
	"	if ($pid) { print \"$pid\\n\"; next }\n"
	"	POSIX::setsid(); alarm 100; open(my $go, '<', \"go$n\") or die; <$go>; talk();\n"
	"	open(my $done, '>', \"done$n\") or die; POSIX::_exit(0) }\n"
	"exit 4;\n";

static struct stage stage;

static int set_up(void **state)
{
	(void)state;
	stage_begin(&stage);
	capture_write(stage.folder, "daemon.pl", daemon_text, 0644);
	stage_shell(&stage, "mkfifo go1 go2 done1 done2");
	stage_expect(&stage, 0, "", "");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stage_end(&stage);
	return 0;
}

static void see_off(int workers)
{
	for (int n = 1; n <= workers; n++) {
		stage_shell(&stage, "echo >go%d; cat done%d", n, n);
		stage_expect(&stage, 0, "", "");
	}
}

/* A program that writes over its environment is known by what it has mapped. */
static void expect_no_environment(int pid)
{
	stage_shell(&stage, "tr '\\0' '\\n' </proc/%d/environ | grep -c '^SOCKFIX_TRACE='", pid);
	stage_expect(&stage, 1, "0\n", "");
}

static void a_daemon_goes_on_recording(void **state)
{
	char *left, *sentence;
	int pid;

	(void)state;
	stage_run(&stage, "record -- perl daemon.pl %s 1", stage.port);
	left = stage_only(&stage, "runtime");
	assert_non_null(left);
	pid = atoi(stage.capture.out);
	sentence = must_print(ONLY_WATCHED
		"sockfix: 1 process of it is still running (ddddddddddddddd, PID %d): the "
		"recording goes on in %s/runtime/%s, and sockfix report %s/runtime/%s reads it any "
		"time\n",
		pid, stage.folder, left, stage.folder, left);
	stage_expect(&stage, 4, NULL, sentence);
	expect_no_environment(pid);
	stage_expect_nothing(&stage, "state");
	stage_run(&stage, "list runs");
	expect_in(stage.capture.out, left);
	expect_in(stage.capture.out, "    not over  bare   perl daemon.pl ");
	stage_run(&stage, "report");
	expect_in(stage.capture.err, left);
	expect_in(
		stage.capture.out, "   1 process   1 thread on sockets   1 connection   1 peer\n");
	expect_in(
		stage.capture.out, NO_NO "  One process of it is still running: it is not over.\n");
	stage_run(&stage, "report --format json --fail-over 5 runtime/%s", left);
	assert_int_equal(stage.capture.status, 2);
	expect_in(stage.capture.out, "\"running\": 1,");
	expect_in(stage.capture.out, "\"innocents\": [],");
	see_off(1);
	stage_run(&stage, "report runtime/%s", left);
	expect_in(stage.capture.out, "   2 processes   2 connections   1 peer\n");
	expect_in(stage.capture.out, "\n  seen 100 % of its TCP bytes ");
	expect_in(stage.capture.out, "\n  IT IS NOT THE SOCKETS. No rule ");
	expect_in(stage.capture.out, "x60 ");
	free(sentence);
	free(left);
}

/* -q is no reason not to say where it is. */
static void jobs_that_a_shell_leaves_behind(void **state)
{
	char *left, *sentence;

	(void)state;
	stage_shell(&stage, "$SOCKFIX record -q -o kept -- sh -c 'perl daemon.pl %s 2; exit 7'",
		stage.port);
	left = stage_only(&stage, "runtime");
	assert_non_null(left);
	sentence = must_print("sockfix: 2 processes of it are still running (ddddddddddddddd, PID "
			      "%d, and others): the recording goes on in %s/runtime/%s, not in "
			      "kept, and sockfix report %s/runtime/%s reads it any time\n",
		atoi(stage.capture.out), stage.folder, left, stage.folder, left);
	stage_expect(&stage, 7, NULL, sentence);
	stage_run(&stage, "report runtime/%s", left);
	expect_in(stage.capture.out,
		NO_NO "  2 processes of it are still running: it is not over.\n");
	see_off(2);
	stage_run(&stage, "report runtime/%s", left);
	expect_in(stage.capture.out, "   3 processes   3 connections   1 peer\n");
	expect_in(stage.capture.out, "x90 ");
	stage_shell(&stage, "test ! -e kept");
	stage_expect(&stage, 0, "", "");
	free(sentence);
	free(left);
}

/* It maps nothing of ours; what it starts may record again. */
static void one_without_the_library_is_known_by_its_environment(void **state)
{
	static const char unseen[] =
		"use POSIX; exit 0 if fork; alarm 100; open(my $go, '<', 'go1') or die; <$go>;\n"
		"open(my $done, '>', 'done1') or die; POSIX::_exit(0);\n";

	(void)state;
	capture_write(stage.folder, "unseen.pl", unseen, 0644);
	stage_shell(&stage, "$SOCKFIX record -q -- sh -c 'env -u LD_PRELOAD perl unseen.pl'");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err, "sockfix: 1 process of it is still running (perl, PID ");
	stage_shell(&stage, "echo >go1; cat done1; $SOCKFIX report runtime/*");
	expect_in(stage.capture.out,
		"\n  NOT SURE.\n  One process that it started could not be watched (perl): ");
}

/* Its recorder has become COMMAND: nobody is left who would say when it is over. */
static void a_service_that_is_running(void **state)
{
	static const char service[] =
		"alarm 100; open(my $go, '<', 'go1') or die; <$go>; open(my $done, '>', 'done1')";

	(void)state;
	capture_write(stage.folder, "service.pl", service, 0644);
	stage_shell(&stage, "$SOCKFIX record --exec -q -- perl service.pl & exec 3>go1; "
			    "$SOCKFIX report runtime/*; echo >&3; cat done1; wait; "
			    "$SOCKFIX report runtime/*");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out,
		"\n  NOT SURE.\n  One process of it is still running: it is not over.\n");
	expect_in(stage.capture.out, "\n  IT IS NOT THE SOCKETS. No TCP connection was made.\n");
}

static void what_is_not_over_is_not_compared(void **state)
{
	(void)state;
	stage_run(&stage, "prove -- perl daemon.pl %s 1", stage.port);
	assert_int_equal(stage.capture.status, 2);
	expect_in(stage.capture.err, "sockfix: 1 process of it is still running (");
	expect_not_in(stage.capture.err, "recorded: ");
	see_off(1);
	stage_run(&stage, "compare --twice -- perl daemon.pl %s 1", stage.port);
	assert_int_equal(stage.capture.status, 2);
	expect_in(stage.capture.err, "sockfix: 1 process of it is still running (");
	expect_in(stage.capture.err, " reads it any time\nsockfix: nothing is compared\n");
	see_off(1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_daemon_goes_on_recording),
		TEST(jobs_that_a_shell_leaves_behind),
		TEST(one_without_the_library_is_known_by_its_environment),
		TEST(a_service_that_is_running),
		TEST(what_is_not_over_is_not_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
