/* What record, prove and report must withstand: limits that would kill the recorder, programs whose
 * own habits look like an arm of a proof, names that a shell or a terminal would take for orders,
 * and a recording of which a part is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/talk.h"

/* CONNECTIONS, and so many turns on each: by turns FEW and MANY. */
static const char client_text[] =
	"use IO::Socket; my ($port, $connections, $few, $many) = @ARGV;\n"
	"for my $c (1 .. $connections) {\n"
	"	my $s = IO::Socket::INET->new(\"127.0.0.1:$port\") or die;\n"
	"	for (1 .. ($c % 2 ? $few : $many)) {\n"
	"		syswrite($s, \"x\\n\"); sysread($s, my $answer, 9) or die; } }\n";

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

static void forget_talk(void)
{
	struct talk_record seen;

	talk_take(talk, &seen);
	talk_record_free(&seen);
}

static void expect_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

/* Turns of the arm, in the table of prove. */
static unsigned turns_of(const char *arm)
{
	char *row = must_print("\n  %s ", arm), *at = strstr(capture.err, row);
	unsigned turns;

	if (!at || sscanf(at + strlen(row), "%u", &turns) != 1)
		fail_msg("no row of %s in:\n%s", arm, capture.err);
	free(row);
	return turns;
}

/* ---- prove: the lot, and not the order, says which goes bare ---- */

static void prove_connections(const char *option)
{
	const char *const argv[] = {
		sockfix, "prove", "-s", option, "--", "perl", client, port, "64", "1", "3", NULL};

	capture_run(&capture, argv);
	forget_talk();
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
	char *script = must_print(
		"for i in 1 2 3 4 5 6 7 8; do for j in 1 2 3 4 5; do perl %s %s 1 1 1; done; done",
		client, port);
	const char *const argv[] = {sockfix, "prove", "--", "sh", "-c", script, NULL};

	(void)state;
	capture_run(&capture, argv);
	forget_talk();
	/* Fewer than 5 of 40 tosses: once in ten million runs. */
	assert_in_range(turns_of("bare"), 5, 35);
	assert_int_equal(turns_of("bare") + turns_of("mended"), 40);
	expect_in(capture.err, "  of blocks    count");
	assert_null(strstr(capture.err, "NOT SURE"));
	free(script);
}

/* ---- record: a limit on files is no end of COMMAND ---- */

static void a_limit_on_files_does_not_keep_the_command(void **state)
{
	const char *const record[] = {
		sockfix, "record", "-q", "--", "sh", "-c", "echo ran; exit 7", NULL};
	const char *const killed[] = {
		sockfix, "record", "-q", "--", "sh", "-c", "kill -XFSZ $$; echo not reached", NULL};
	const char *argv[16] = {
		"bash", "-c", "set -o pipefail; (ulimit -f 0; \"$@\" 2>&1) | cat", "bash"};

	(void)state;
	memcpy(argv + 4, record, sizeof(record));
	capture_run(&capture, argv);
	assert_int_equal(capture.status, 7);
	expect_in(capture.out, "sockfix: running sh without recording it\n");
	expect_in(capture.out, "\nran\n");
	memcpy(argv + 4, killed, sizeof(killed));
	capture_run(&capture, argv);
	assert_int_equal(capture.status, 128 + 25);
	assert_null(strstr(capture.out, "not reached"));
}

/* ---- compare: nothing is run for rules that are wrong ---- */

static void wrong_rules_are_said_before_the_bare_run(void **state)
{
	const char *const argv[] = {sockfix, "compare", "--twice", "-r", "/nowhere.conf", "--",
		"sh", "-c", "echo ran", NULL};

	(void)state;
	capture_run(&capture, argv);
	assert_int_equal(capture.status, 2);
	assert_string_equal(capture.out, "");
	assert_string_equal(capture.err,
		"sockfix: /nowhere.conf: cannot be read: No such file or directory\n"
		"sockfix: sh is not run: nothing could be compared\n");
}

/* ---- report: what is to be typed next can be typed ---- */

static void record_into(const char *name, const char *limit, const char *turns)
{
	char *path = must_print("%s/%s", folder, name);
	const char *const argv[] = {sockfix, "record", "-q", "--limit", limit, "-o", path, "--",
		"perl", client, port, "1", turns, "1", NULL};

	capture_run(&capture, argv);
	forget_talk();
	assert_int_equal(capture.status, 0);
	free(path);
}

static void report_of(const char *name)
{
	char *path = must_print("%s/%s", folder, name);
	const char *const argv[] = {sockfix, "report", path, NULL};

	capture_run(&capture, argv);
	assert_int_equal(capture.status, 0);
	free(path);
}

static void folders_are_quoted_for_the_shell(void **state)
{
	char *expected = must_print(" '%s/it'\\''s a run'\n", folder);

	(void)state;
	record_into("it's a run", "16M", "50");
	report_of("it's a run");
	expect_in(capture.out, expected);
	free(expected);
	expected = must_print(" $'%s/\\x1b[31mred\\x0a'\n", folder);
	record_into("\033[31mred\n", "16M", "50");
	report_of("\033[31mred\n");
	expect_in(capture.out, expected);
	assert_null(strchr(capture.out, '\033'));
	free(expected);
}

static void kept_runs_of_odd_names_are_quoted_too(void **state)
{
	const char *const argv[] = {sockfix, "list", "runs", NULL};
	char *expected = must_print("$'%s/state/sockfix/\\x1b[31m\\x0a'  ", folder);

	(void)state;
	record_into("state/sockfix/\033[31m\n", "16M", "3");
	capture_run(&capture, argv);
	assert_int_equal(capture.status, 0);
	expect_in(capture.out, expected);
	assert_null(strchr(capture.out, '\033'));
	free(expected);
}

static void a_full_recording_is_no_no(void **state)
{
	(void)state;
	record_into("full", "64K", "5000");
	report_of("full");
	expect_in(capture.out, "The recording was FULL");
	expect_in(capture.out, "\n  NOT SURE. Nothing that was seen looks like a stall.\n"
			       "  Too much was not seen to say that it is not the sockets.\n");
	assert_null(strstr(capture.out, "why not "));
	record_into("whole", "16M", "5000");
	report_of("whole");
	expect_in(capture.out, "\n  IT IS NOT THE SOCKETS. ");
}

/* A file of holes as large as a trace may be is looked at, and not read through. */
static void huge_empty_traces_are_told_from_others(void **state)
{
	char *hole = must_print("%s/huge/hole.trace", folder);
	FILE *file;

	(void)state;
	record_into("huge", "16M", "50");
	file = fopen(hole, "w");
	MUST(file && ftruncate(fileno(file), (off_t)4 << 30) == 0 && fclose(file) == 0);
	report_of("huge");
	expect_in(capture.out, "  1 trace could NOT be read: ");
	expect_in(capture.out, "/huge/hole.trace: not a trace of sockfix\n");
	expect_in(capture.out, "\n  NOT SURE. ");
	free(hole);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
		TEST(huge_empty_traces_are_told_from_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
