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

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/talk.h"

#define ARGUMENTS 24

static const char client_text[] =
	"use IO::Socket; my ($port, $turns, $pieces) = @ARGV;\n"
	"my $s = IO::Socket::INET->new(\"127.0.0.1:$port\") or die;\n"
	"for (1 .. $turns) {\n"
	"	syswrite($s, 'x' x 100) for 2 .. $pieces;\n"
	"	syswrite($s, \"x\\n\"); sysread($s, my $answer, 9) or die; }\n";

static struct capture capture;
static struct talk *talk;
static char *folder, *state_home, *runtime, *client, *port, *sockfix;
static const char *environment[16];

static int set_up(void **state)
{
	size_t count = 0;

	(void)state;
	folder = capture_folder_new();
	capture_write(folder, "client.pl", client_text, 0644);
	client = must_print("%s/client.pl", folder);
	state_home = must_print("XDG_STATE_HOME=%s/state", folder);
	runtime = must_print("XDG_RUNTIME_DIR=%s", folder);
	sockfix = build_path("sockfix");
	talk = talk_start(TALK_LINES);
	port = must_print("%d", talk_port(talk));
	while (capture_clean[count] && count < 13) {
		environment[count] = capture_clean[count];
		count++;
	}
	environment[count++] = state_home;
	environment[count] = runtime;
	capture = (struct capture){.env = environment};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	talk_stop(talk);
	capture_free(&capture);
	capture_folder_free(folder);
	free(client);
	free(state_home);
	free(runtime);
	free(port);
	free(sockfix);
	return 0;
}

/* Runs sockfix with words, the client, and how many turns of how many pieces; turns NULL: no
 * client. */
static void run(const char *words, const char *turns, const char *pieces)
{
	const char *argv[ARGUMENTS] = {sockfix};
	char *copy = must_print("%s", words), *rest = NULL;
	size_t count = 1;

	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		MUST(count < ARGUMENTS - 8);
		argv[count++] = word;
	}
	if (turns) {
		const char *const last[] = {"--", "perl", client, port, turns, pieces};
		memcpy(argv + count, last, sizeof(last));
	}
	capture_run(&capture, argv);
	if (turns) {
		struct talk_record seen;
		talk_take(talk, &seen);
		talk_record_free(&seen);
	}
	free(copy);
}

static void expect_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

/* stdout takes nothing: that is no verdict. */
static void expect_full(const char *words)
{
	char *line = must_print("%s %s >/dev/full", sockfix, words);

	capture_run(&capture, (const char *[]){"sh", "-c", line, NULL});
	assert_string_equal(
		capture.err, "sockfix: cannot write to stdout: No space left on device\n");
	assert_int_equal(capture.status, 2);
	free(line);
}

static char *path_of(const char *name)
{
	return must_print("%s/%s", folder, name);
}

static void record(const char *name, const char *rules, const char *turns, const char *pieces)
{
	char *words = must_print("record -q -o %s/%s %s", folder, name, rules);

	run(words, turns, pieces);
	assert_int_equal(capture.status, 0);
	assert_string_equal(capture.err, "");
	free(words);
}

/* ---- prove ---- */

static void both_arms_of_one_run(void **state)
{
	unsigned bare, mended, bare_held = 0, mended_held = 1;
	const char *row;

	(void)state;
	run("prove", "200", "2");
	assert_string_equal(capture.out, "");
	assert_int_equal(capture.status, 0);
	expect_in(capture.err, "sockfix prove ");
	expect_in(capture.err, "\n  MENDED. A turn takes ");
	row = strstr(capture.err, "\n  bare ");
	assert_non_null(row);
	assert_int_equal(sscanf(row, " bare %u %*s %*s %*s %*s %u", &bare, &bare_held), 2);
	row = strstr(row, "\n  mended ");
	assert_non_null(row);
	assert_int_equal(sscanf(row, " mended %u %*s %*s %*s %*s %u", &mended, &mended_held), 2);
	assert_int_equal(bare, 100);
	assert_int_equal(mended, 100);
	assert_true(bare_held > 90); /* the kernel was asked */
	assert_int_equal(mended_held, 0);
	expect_in(capture.err, "; all of it bare about ");
	expect_in(capture.err, "sockfix: recorded: ");
}

/* Options of connect time: whole connections are bare or mended. */
static void connections_take_turns(void **state)
{
	static const char one[] =
		"use IO::Socket; for (1 .. 12) {\n"
		"	my $s = IO::Socket::INET->new(\"127.0.0.1:$ARGV[0]\") or die;\n"
		"	syswrite($s, \"x\\n\"); sysread($s, my $answer, 9) or die; }\n";

	(void)state;
	capture_write(folder, "client.pl", one, 0644);
	run("prove -s tcp_keepidle=60s -s so_keepalive=true", "1", "1");
	assert_int_not_equal(capture.status, 2);
	expect_in(capture.err, "\n  bare             6 ");
	expect_in(capture.err, "\n  mended           6 ");
}

static void too_little_cannot_be_told(void **state)
{
	(void)state;
	run("prove", "30", "1");
	assert_int_equal(capture.status, 2);
	expect_in(capture.err, "\n  NOT SURE.\n  Blocks of turns: 1 bare and 1 mended, and "
			       "5 of each are needed. ");
	run("prove -- sh -c", NULL, NULL);
	assert_int_equal(capture.status, 2);
	run("prove -- true", NULL, NULL);
	assert_int_equal(capture.status, 2);
	expect_in(capture.err, "The rules reached no connection that wrote: nothing to compare.");
	run("prove -- false", NULL, NULL);
	assert_int_equal(capture.status, 2);
	expect_in(capture.err, "  COMMAND ended with exit status 1.\n");
}

static void prove_misused(void **state)
{
	(void)state;
	run("prove", NULL, NULL);
	assert_int_equal(capture.status, 2);
	assert_string_equal(
		capture.err, "sockfix: prove: a COMMAND is missing; see sockfix prove --help\n");
	run("prove -r /nowhere.conf -- true", NULL, NULL);
	assert_int_equal(capture.status, 2);
	expect_in(capture.err, "/nowhere.conf");
	expect_in(capture.err, "sockfix: true is not run: nothing could be proven\n");
}

/* ---- diff ---- */

static void before_and_after(void **state)
{
	char *words = must_print("diff %s/bare %s/mended", folder, folder);
	char *back = must_print("diff %s/mended %s/bare", folder, folder);

	(void)state;
	record("bare", "", "30", "2");
	record("mended", "-P default", "60", "2");
	run(words, NULL, NULL);
	assert_string_equal(capture.err, "");
	assert_int_equal(capture.status, 0);
	expect_in(capture.out, "  exchanges                   30          60\n");
	expect_in(capture.out, "  bytes a segment");
	expect_in(capture.out, "  system calls              3.10        3.05         0.984\n");
	expect_in(capture.out, "\n  BETTER: an exchange takes ");
	expect_in(capture.out, "with rules\n  The commands differ in their arguments.\n\n");
	run(back, NULL, NULL);
	assert_int_equal(capture.status, 1);
	expect_in(capture.out, "\n  WORSE: an exchange takes ");
	expect_full(back);
	free(words);
	free(back);
}

/* They may still be one job: the verdict stays. */
static void other_commands_are_said_to_be(void **state)
{
	char *words = must_print("diff %s/one %s/other", folder, folder);
	char *same = must_print("diff %s/one %s/again", folder, folder);
	char *command = must_print("record -q -o %s/other -- /usr/bin/env", folder);

	(void)state;
	record("one", "", "30", "1");
	record("again", "", "30", "1");
	run(command, "30", "1");
	run(words, NULL, NULL);
	assert_int_not_equal(capture.status, 2);
	assert_string_equal(capture.err, "");
	expect_in(capture.out,
		"no rules\n  The commands differ: before ran perl, after ran env.\n\n");
	run(same, NULL, NULL);
	assert_null(strstr(capture.out, "The commands differ"));
	free(command);
	free(same);
	free(words);
}

static void what_cannot_be_compared(void **state)
{
	char *words = must_print("diff %s/bare %s/none", folder, folder), *expected;

	(void)state;
	record("bare", "", "3", "1");
	run(words, NULL, NULL);
	assert_int_equal(capture.status, 2);
	expected = must_print("sockfix: %s/none: there is no such directory\n", folder);
	assert_string_equal(capture.err, expected);
	free(words);
	free(expected);
	words = must_print("record -q -o %s/none -- true", folder);
	run(words, NULL, NULL);
	free(words);
	words = must_print("diff %s/bare %s/none", folder, folder);
	run(words, NULL, NULL);
	assert_int_equal(capture.status, 2);
	expect_in(capture.out, "\n  The commands differ: before ran perl, after ran true.\n\n"
			       "  NOT COMPARABLE: the second run has no exchange: no write of it "
			       "was answered.\n");
	free(words);
	run("diff", NULL, NULL);
	assert_int_equal(capture.status, 2);
	assert_string_equal(capture.err, "sockfix: diff: name two folders, of the run before and "
					 "after; see sockfix diff --help\n");
	run("diff a", NULL, NULL);
	assert_int_equal(capture.status, 2);
	run("diff a b c", NULL, NULL);
	assert_int_equal(capture.status, 2);
}

/* ---- compare ---- */

static void two_runs_when_asked_for(void **state)
{
	static const char first[] = "sockfix: perl is run two times, bare and with the rules\n";

	(void)state;
	run("compare -- true", NULL, NULL);
	assert_int_equal(capture.status, 2);
	assert_string_equal(capture.err,
		"sockfix: compare: it runs true two times; say --twice where that does no harm, or "
		"take sockfix prove, which runs it once; see sockfix compare --help\n");
	run("compare --twice", "30", "2");
	assert_int_equal(capture.status, 0);
	assert_memory_equal(capture.err, first, strlen(first));
	expect_in(capture.err, "\nsockfix: recorded bare: ");
	expect_in(capture.err, "\nsockfix: recorded with the rules: ");
	expect_in(capture.err, "no rules\n");
	expect_in(capture.err, "with rules\n\n");
	expect_in(capture.err, "\n  BETTER: an exchange takes ");
	run("compare --twice -- false", NULL, NULL);
	assert_int_equal(capture.status, 2);
	expect_in(capture.err, "sockfix: false ended with exit status 1: nothing is compared\n");
	assert_null(strstr(capture.err, "with the rules: "));
	run("compare --twice", NULL, NULL);
	assert_int_equal(capture.status, 2);
	expect_in(capture.err, "sockfix: compare: a COMMAND is missing");
}

/* ---- kept runs ---- */

static void runs_are_listed_newest_first(void **state)
{
	char *broken, *sentence;
	const char *older, *newer;

	(void)state;
	run("list runs", NULL, NULL);
	assert_int_equal(capture.status, 0);
	assert_string_equal(
		capture.out, "There is no recording yet; sockfix record -- COMMAND makes one.\n");
	run("record -q -- true older", NULL, NULL);
	run("record -q -P default -- true newer", NULL, NULL);
	run("list runs", NULL, NULL);
	assert_int_equal(capture.status, 0);
	older = strstr(capture.out, "bare   true older\n");
	newer = strstr(capture.out, "rules  true newer\n");
	assert_true(newer && older && newer < older);
	broken = path_of("state/sockfix/zzzz");
	MUST(mkdir(broken, 0700) == 0);
	capture_write(broken, "run.json", "{", 0600);
	run("list runs", NULL, NULL);
	assert_int_equal(capture.status, 0);
	sentence = must_print("  %s/run.json:1: ", broken);
	expect_in(capture.out, sentence);
	expect_in(capture.out, "true older\n");
	free(broken);
	free(sentence);
}

static void strangers_see_no_address_and_no_argument(void **state)
{
	char *words = must_print("report --anonymize %s/run", folder);
	char *json = must_print("report --anonymize --format json %s/run", folder);

	(void)state;
	record("run", "-P default", "3", "1");
	run(words, NULL, NULL);
	assert_int_equal(capture.status, 0);
	expect_in(capture.out, "sockfix report   perl ...");
	assert_null(strstr(capture.out, folder));
	assert_null(strstr(capture.out, "1:default"));
	run(json, NULL, NULL);
	assert_int_equal(capture.status, 0);
	expect_in(capture.out, "\"perl ...\"");
	assert_null(strstr(capture.out, folder));
	free(words);
	free(json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_arms_of_one_run),
		TEST(connections_take_turns),
		TEST(too_little_cannot_be_told),
		TEST(prove_misused),
		TEST(before_and_after),
		TEST(other_commands_are_said_to_be),
		TEST(what_cannot_be_compared),
		TEST(two_runs_when_asked_for),
		TEST(runs_are_listed_newest_first),
		TEST(strangers_see_no_address_and_no_argument),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
