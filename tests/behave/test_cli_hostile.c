/* What record, prove and report must withstand: limits that would kill the recorder, programs whose
 * own habits look like an arm of a proof, names that a shell or a terminal would take for orders,
 * and a recording of which a part is missing. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shim/trace_format.h"
#include "tests/helper/must.h"
#include "tests/helper/stage.h"
#include "tests/helper/talk.h"

/* CONNECTIONS, and so many turns on each: by turns FEW and MANY. */
static const char client_text[] =
	"use IO::Socket; my ($port, $connections, $few, $many) = @ARGV;\n"
	"for my $c (1 .. $connections) {\n"
	"	my $s = IO::Socket::INET->new(\"127.0.0.1:$port\") or die;\n"
	"	for (1 .. ($c % 2 ? $few : $many)) {\n"
	"		syswrite($s, \"x\\n\"); sysread($s, my $answer, 9) or die; } }\n";

static struct stage stage;

static int set_up(void **state)
{
	stage_set_up(state);
	capture_write(stage.folder, "client.pl", client_text, 0644);
	return 0;
}

/* Turns of the arm, in the table of prove. */
static unsigned turns_of(const char *arm)
{
	char *row = must_print("\n  %s ", arm), *at = strstr(stage.capture.err, row);
	unsigned turns;

	if (!at || sscanf(at + strlen(row), "%u", &turns) != 1)
		fail_msg("no row of %s in:\n%s", arm, stage.capture.err);
	free(row);
	return turns;
}

/* ---- prove: the lot, and not the order, says which goes bare ---- */

static void prove_connections(const char *option)
{
	struct talk_record seen;

	stage_run(&stage, "prove -s %s -- %s 64 1 3", option, stage.client);
	talk_take(stage.talk, &seen); /* before the next 64: it keeps no more */
	talk_record_free(&seen);
	assert_int_equal(turns_of("bare") + turns_of("mended"), 128);
	/* By turns they would be 32 and 96. Half of each kind is bare, by 32 tosses. */
	assert_in_range(turns_of("bare"), 33, 95);
}

static void every_other_connection_is_no_arm(void **state)
{
	(void)state;
	prove_connections("so_priority=3");
	prove_connections("tcp_quickack=true");
}

static void many_short_processes_have_both_arms(void **state)
{
	(void)state;
	stage_shell(&stage,
		"$SOCKFIX prove -- sh -c 'for i in 1 2 3 4 5 6 7 8; do for j in 1 2 3 4 5; do "
		"%s 1 1 1; done; done'",
		stage.client);
	/* Fewer than 5 of 40 tosses: once in ten million runs. */
	assert_in_range(turns_of("bare"), 5, 35);
	assert_int_equal(turns_of("bare") + turns_of("mended"), 40);
	expect_in(stage.capture.err, "  of blocks    count");
	expect_not_in(stage.capture.err, "NOT SURE");
}

/* ---- record: a limit on files is no end of COMMAND ---- */

static void a_limit_on_files_does_not_keep_the_command(void **state)
{
	const char *const record[] = {
		stage.sockfix, "record", "-q", "--", "sh", "-c", "echo ran; exit 7", NULL};
	const char *const killed[] = {stage.sockfix, "record", "-q", "--", "sh", "-c",
		"kill -XFSZ $$; echo not reached", NULL};
	const char *argv[16] = {
		"bash", "-c", "set -o pipefail; (ulimit -f 0; \"$@\" 2>&1) | cat", "bash"};

	(void)state;
	memcpy(argv + 4, record, sizeof(record));
	capture_run(&stage.capture, argv);
	assert_int_equal(stage.capture.status, 7);
	expect_in(stage.capture.out, "sockfix: running sh without recording it\n");
	expect_in(stage.capture.out, "\nran\n");
	memcpy(argv + 4, killed, sizeof(killed));
	capture_run(&stage.capture, argv);
	assert_int_equal(stage.capture.status, 128 + 25);
	expect_not_in(stage.capture.out, "not reached");
}

/* ---- compare: nothing is run for rules that are wrong ---- */

static void wrong_rules_are_said_before_the_bare_run(void **state)
{
	(void)state;
	stage_run(&stage, "compare --twice -r /nowhere.conf -- echo ran");
	stage_expect(&stage, 2, "",
		"sockfix: /nowhere.conf: cannot be read: No such file or directory\n"
		"sockfix: echo is not run: nothing could be compared\n");
}

/* ---- report: what is to be typed next can be typed ---- */

static void record_into(const char *name, const char *limit, const char *turns)
{
	const char *const argv[] = {stage.sockfix, "record", "-q", "--limit", limit, "-o", name,
		"--", "perl", "client.pl", stage.port, "1", turns, "1", NULL};

	capture_run(&stage.capture, argv);
	assert_int_equal(stage.capture.status, 0);
}

static void report_of(const char *name)
{
	char *path = stage_path(&stage, name);
	const char *const argv[] = {stage.sockfix, "report", path, NULL};

	capture_run(&stage.capture, argv);
	assert_int_equal(stage.capture.status, 0);
	free(path);
}

static void folders_are_quoted_for_the_shell(void **state)
{
	char *expected = must_print(" '%s/it'\\''s a run'\n", stage.folder);

	(void)state;
	record_into("it's a run", "16M", "50");
	report_of("it's a run");
	expect_in(stage.capture.out, expected);
	free(expected);
	expected = must_print(" $'%s/\\x1b[31mred\\x0a'\n", stage.folder);
	record_into("\033[31mred\n", "16M", "50");
	report_of("\033[31mred\n");
	expect_in(stage.capture.out, expected);
	assert_null(strchr(stage.capture.out, '\033'));
	free(expected);
}

static void kept_runs_of_odd_names_are_quoted_too(void **state)
{
	char *expected = must_print("$'%s/state/sockfix/\\x1b[31m\\x0a'  ", stage.folder);

	(void)state;
	record_into("state/sockfix/\033[31m\n", "16M", "3");
	stage_run(&stage, "list runs");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, expected);
	assert_null(strchr(stage.capture.out, '\033'));
	free(expected);
}

static void a_full_recording_is_no_no(void **state)
{
	(void)state;
	record_into("full", "64K", "5000");
	report_of("full");
	expect_in(stage.capture.out, "of the run): it was FULL (record\n");
	expect_in(stage.capture.out,
		"\n  NOT SURE. Nothing that was seen looks like a stall.\n"
		"  Too much was not seen to say that it is not the sockets.\n");
	expect_not_in(stage.capture.out, "why not ");
	record_into("whole", "16M", "5000");
	report_of("whole");
	expect_in(stage.capture.out, "\n  IT IS NOT THE SOCKETS. ");
}

/* Whatever COMMAND lays into the folder of its recording is not waited for. */
static void pipes_among_the_files(void **state)
{
	(void)state;
	stage_shell(&stage,
		"$SOCKFIX record -q -o run -- sh -c 'mkfifo \"$SOCKFIX_TRACE/run.json.new\"; %s 1 "
		"5 "
		"5' && $SOCKFIX report run",
		stage.client);
	assert_int_equal(stage.capture.status, 0);
	assert_string_equal(stage.capture.err, "");
	stage_shell(&stage, "cd run && for f in run.json budget *.trace; do mkdir ../$f; cp * "
			    "../$f; rm ../$f/$f; mkfifo ../$f/$f; $SOCKFIX report ../$f; done");
	expect_in(stage.capture.err, "sockfix: ../run.json/run.json: not a plain file\n");
	expect_in(stage.capture.err, ".trace: not a plain file\n");
	assert_int_equal(stage.capture.status, 1);
}

/* Puts a number at that place of the run's first connection. */
static void damage(const char *file, size_t place, uint64_t number)
{
	int fd = open(file, O_RDWR);
	struct trace_block block;
	off_t at = TRACE_BLOCK;

	MUST(fd >= 0);
	while (pread(fd, &block, sizeof(block), at) == sizeof(block) &&
		block.kind != BLOCK_CONNECTIONS)
		at += TRACE_BLOCK;
	MUST(block.kind == BLOCK_CONNECTIONS);
	MUST(pwrite(fd, &number, sizeof(number), at + (off_t)(sizeof(block) + place)) ==
		sizeof(number));
	close(fd);
}

/* A clock of the kernel that ran for centuries was believed, and its seconds left no column for
 * what they were of. */
static void wrong_numbers_make_no_screen_long(void **state)
{
	static const size_t clock[] = {offsetof(struct trace_connection, at_close.busy_us),
		offsetof(struct trace_connection, at_close.rwnd_limited_us),
		offsetof(struct trace_connection, at_close.sndbuf_limited_us)};
	char *file = stage_path(&stage, "wrong/it.trace");

	(void)state;
	record_into("wrong", "16M", "5");
	stage_shell(&stage, "mv wrong/*.trace wrong/it.trace");
	for (size_t i = 0; i < sizeof(clock) / sizeof(*clock); i++)
		damage(file, clock[i], UINT64_C(16841545661234567));
	stage_shell(&stage, "$SOCKFIX report --all wrong | head -c 1000000");
	assert_true(stage.capture.out_size < 10000);
	expect_in(stage.capture.out, "block of the recording made no sense and is left out.\n");
	expect_in(stage.capture.out, "\n  NOT SURE.");
	expect_not_in(stage.capture.out, "S02");
	stage_shell(&stage, "$SOCKFIX report --format json wrong | head -c 1000000");
	assert_true(stage.capture.out_size < 20000);
	free(file);
}

/* A file of holes as large as a trace may be is looked at, and not read through. */
static void huge_empty_traces_are_told_from_others(void **state)
{
	char *hole = stage_path(&stage, "huge/hole.trace");
	FILE *file;

	(void)state;
	record_into("huge", "16M", "50");
	file = fopen(hole, "w");
	MUST(file && ftruncate(fileno(file), (off_t)4 << 30) == 0 && fclose(file) == 0);
	report_of("huge");
	expect_in(stage.capture.out, "  1 trace could NOT be read: ");
	/* 32 bits hold less than that in memory, and do not look. */
	expect_in(stage.capture.out,
		sizeof(void *) > 4 ? "/huge/hole.trace: not a" : "/huge/hole.trace: too");
	expect_in(stage.capture.out, "\n  NOT SURE. ");
	free(hole);
}

#define TEST(name) cmocka_unit_test_prestate_setup_teardown(name, set_up, stage_tear_down, &stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_other_connection_is_no_arm),
		TEST(many_short_processes_have_both_arms),
		TEST(a_limit_on_files_does_not_keep_the_command),
		TEST(wrong_rules_are_said_before_the_bare_run),
		TEST(folders_are_quoted_for_the_shell),
		TEST(kept_runs_of_odd_names_are_quoted_too),
		TEST(a_full_recording_is_no_no),
		TEST(pipes_among_the_files),
		TEST(wrong_numbers_make_no_screen_long),
		TEST(huge_empty_traces_are_told_from_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
