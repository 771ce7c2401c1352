/* Proving and comparing from the command line: prove, diff, compare, list runs, and reports for
 * strangers. The client stalls by 40 ms a turn where nothing mends it, so verdicts are certain;
 * what is held against them are counts, sentences and exit statuses, never times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/stage.h"

static struct stage stage;

static void record(const char *name, const char *rules, const char *turns, const char *pieces)
{
	stage_run(
		&stage, "record -q -o %s %s -- %s %s %s", name, rules, stage.client, turns, pieces);
	stage_expect(&stage, 0, NULL, "");
}

/* ---- prove ---- */

static void both_arms_of_one_run(void **state)
{
	unsigned bare, mended, bare_held = 0, mended_held = 1;
	const char *row;

	(void)state;
	stage_run(&stage, "prove -- %s 200 2", stage.client);
	assert_string_equal(stage.capture.out, "");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err, "sockfix prove ");
	expect_in(stage.capture.err, "\n  MENDED. A turn takes ");
	row = strstr(stage.capture.err, "\n  bare ");
	assert_non_null(row);
	assert_int_equal(sscanf(row, " bare %u %*s %*s %*s %*s %u", &bare, &bare_held), 2);
	row = strstr(row, "\n  mended ");
	assert_non_null(row);
	assert_int_equal(sscanf(row, " mended %u %*s %*s %*s %*s %u", &mended, &mended_held), 2);
	assert_int_equal(bare, 100);
	assert_int_equal(mended, 100);
	assert_true(bare_held > 90); /* the kernel was asked */
	assert_int_equal(mended_held, 0);
	expect_in(stage.capture.err, "; all of it bare about ");
	expect_in(stage.capture.err, "sockfix: recorded: ");
}

/* Options of connect time: whole connections are bare or mended. */
static void connections_take_turns(void **state)
{
	static const char one[] =
		"use IO::Socket; for (1 .. 12) {\n"
		"	my $s = IO::Socket::INET->new(\"127.0.0.1:$ARGV[0]\") or die;\n"
		"	syswrite($s, \"x\\n\"); sysread($s, my $answer, 9) or die; }\n";

	(void)state;
	capture_write(stage.folder, "client.pl", one, 0644);
	stage_run(&stage, "prove -s tcp_keepidle=60s -s so_keepalive=true -- %s 1 1", stage.client);
	assert_int_not_equal(stage.capture.status, 2);
	expect_in(stage.capture.err, "\n  bare             6 ");
	expect_in(stage.capture.err, "\n  mended           6 ");
}

static void too_little_cannot_be_told(void **state)
{
	(void)state;
	stage_run(&stage, "prove -- %s 30 1", stage.client);
	assert_int_equal(stage.capture.status, 2);
	expect_in(stage.capture.err, "\n  NOT SURE.\n  Blocks of turns: 1 bare and 1 mended, and "
				     "5 of each are needed. ");
	stage_run(&stage, "prove -- sh -c");
	assert_int_equal(stage.capture.status, 2);
	stage_run(&stage, "prove -- true");
	assert_int_equal(stage.capture.status, 2);
	expect_in(stage.capture.err,
		"The rules reached no connection that wrote: nothing to compare.");
	stage_run(&stage, "prove -- false");
	assert_int_equal(stage.capture.status, 2);
	expect_in(stage.capture.err, "  It ended with status 1.\n");
}

static void prove_misused(void **state)
{
	(void)state;
	stage_run(&stage, "prove");
	assert_int_equal(stage.capture.status, 2);
	assert_string_equal(stage.capture.err,
		"sockfix: prove: a COMMAND is missing; see sockfix prove --help\n");
	stage_run(&stage, "prove -r /nowhere.conf -- true");
	assert_int_equal(stage.capture.status, 2);
	expect_in(stage.capture.err, "/nowhere.conf");
	expect_in(stage.capture.err, "sockfix: true is not run: nothing could be proven\n");
}

/* ---- diff ---- */

static void before_and_after(void **state)
{
	(void)state;
	record("bare", "", "30", "2");
	record("mended", "-P default", "60", "2");
	stage_run(&stage, "diff bare mended");
	stage_expect(&stage, 0, NULL, "");
	expect_in(stage.capture.out, "  exchanges                   30          60\n");
	expect_in(stage.capture.out, "  bytes a segment");
	expect_in(
		stage.capture.out, "  system calls              3.10        3.05         0.984\n");
	expect_in(stage.capture.out, "\n  BETTER: an exchange takes ");
	expect_in(stage.capture.out, "with rules\n  The commands differ in their arguments.\n\n");
	stage_run(&stage, "diff mended bare");
	assert_int_equal(stage.capture.status, 1);
	expect_in(stage.capture.out, "\n  WORSE: an exchange takes ");
	/* stdout takes nothing: that is no verdict. */
	stage_shell(&stage, "$SOCKFIX diff mended bare >/dev/full");
	stage_expect(&stage, 2, NULL, "sockfix: cannot write to stdout: No space left on device\n");
}

/* They may still be one job: the verdict stays. */
static void other_commands_are_said_to_be(void **state)
{
	(void)state;
	record("one", "", "30", "1");
	record("again", "", "30", "1");
	stage_run(&stage, "record -q -o other -- /usr/bin/env %s 30 1", stage.client);
	stage_run(&stage, "diff one other");
	assert_int_not_equal(stage.capture.status, 2);
	assert_string_equal(stage.capture.err, "");
	expect_in(stage.capture.out,
		"no rules\n  The commands differ: before ran perl, after ran env.\n\n");
	stage_run(&stage, "diff one again");
	expect_not_in(stage.capture.out, "The commands differ");
}

static void what_cannot_be_compared(void **state)
{
	char *expected;

	(void)state;
	record("bare", "", "3", "1");
	stage_run(&stage, "diff bare %s/none", stage.folder);
	expected = must_print("sockfix: %s/none: there is no such directory\n", stage.folder);
	stage_expect(&stage, 2, NULL, expected);
	free(expected);
	stage_run(&stage, "record -q -o none -- true");
	stage_run(&stage, "diff bare none");
	assert_int_equal(stage.capture.status, 2);
	expect_in(stage.capture.out,
		"\n  The commands differ: before ran perl, after ran true.\n\n"
		"  NOT COMPARABLE: the second run has no exchange: nothing of it was "
		"answered.\n");
	stage_run(&stage, "diff");
	assert_int_equal(stage.capture.status, 2);
	assert_string_equal(stage.capture.err,
		"sockfix: diff: name two folders, of the run before and "
		"after; see sockfix diff --help\n");
	stage_run(&stage, "diff a");
	assert_int_equal(stage.capture.status, 2);
	stage_run(&stage, "diff a b c");
	assert_int_equal(stage.capture.status, 2);
}

/* ---- compare ---- */

static void two_runs_when_asked_for(void **state)
{
	static const char first[] = "sockfix: perl is run two times, bare and with the rules\n";

	(void)state;
	stage_run(&stage, "compare -- true");
	assert_int_equal(stage.capture.status, 2);
	assert_string_equal(stage.capture.err,
		"sockfix: compare: it runs true two times; say --twice where that does no harm, or "
		"take sockfix prove, which runs it once; see sockfix compare --help\n");
	stage_run(&stage, "compare --twice -- %s 30 2", stage.client);
	assert_int_equal(stage.capture.status, 0);
	assert_memory_equal(stage.capture.err, first, strlen(first));
	expect_in(stage.capture.err, "\nsockfix: recorded bare: ");
	expect_in(stage.capture.err, "\nsockfix: recorded with the rules: ");
	expect_in(stage.capture.err, "no rules\n");
	expect_in(stage.capture.err, "with rules\n\n");
	expect_in(stage.capture.err, "\n  BETTER: an exchange takes ");
	stage_run(&stage, "compare --twice -- false");
	assert_int_equal(stage.capture.status, 2);
	expect_in(stage.capture.err,
		"sockfix: false ended with exit status 1: nothing is compared\n");
	expect_not_in(stage.capture.err, "with the rules: ");
	stage_run(&stage, "compare --twice");
	assert_int_equal(stage.capture.status, 2);
	expect_in(stage.capture.err, "sockfix: compare: a COMMAND is missing");
}

/* ---- kept runs ---- */

static void runs_are_listed_newest_first(void **state)
{
	char *broken, *sentence;
	const char *older, *newer;

	(void)state;
	stage_run(&stage, "list runs");
	assert_int_equal(stage.capture.status, 0);
	assert_string_equal(stage.capture.out,
		"There is no recording yet; sockfix record -- COMMAND makes one.\n");
	stage_run(&stage, "record -q -- true older");
	stage_run(&stage, "record -q -P default -- true newer");
	stage_run(&stage, "list runs");
	assert_int_equal(stage.capture.status, 0);
	older = strstr(stage.capture.out, "bare   true older\n");
	newer = strstr(stage.capture.out, "rules  true newer\n");
	assert_true(newer && older && newer < older);
	broken = stage_path(&stage, "state/sockfix/zzzz");
	MUST(mkdir(broken, 0700) == 0);
	capture_write(broken, "run.json", "{", 0600);
	stage_run(&stage, "list runs");
	assert_int_equal(stage.capture.status, 0);
	sentence = must_print("  %s/run.json:1: ", broken);
	expect_in(stage.capture.out, sentence);
	expect_in(stage.capture.out, "true older\n");
	free(broken);
	free(sentence);
}

static void strangers_see_no_address_and_no_argument(void **state)
{
	(void)state;
	record("run", "-P default", "3", "1");
	stage_run(&stage, "report --anonymize %s/run", stage.folder);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "sockfix report   perl ...");
	expect_not_in(stage.capture.out, stage.folder);
	expect_not_in(stage.capture.out, "client.pl");
	expect_not_in(stage.capture.out, "1:default");
	stage_run(&stage, "report --anonymize --format json %s/run", stage.folder);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "\"perl ...\"");
	expect_not_in(stage.capture.out, stage.folder);
	expect_not_in(stage.capture.out, "client.pl");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(both_arms_of_one_run, &stage),
		STAGE_TEST(connections_take_turns, &stage),
		STAGE_TEST(too_little_cannot_be_told, &stage),
		STAGE_TEST(prove_misused, &stage),
		STAGE_TEST(before_and_after, &stage),
		STAGE_TEST(other_commands_are_said_to_be, &stage),
		STAGE_TEST(what_cannot_be_compared, &stage),
		STAGE_TEST(two_runs_when_asked_for, &stage),
		STAGE_TEST(runs_are_listed_newest_first, &stage),
		STAGE_TEST(strangers_see_no_address_and_no_argument, &stage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
