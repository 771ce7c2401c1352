/* `sockfix suggest`: what it prints is a rule file and nothing else, and it closes the loop: with
 * it the run that it came from is mended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/stage.h"

static struct stage stage;
static int port;

static int group_set_up(void **state)
{
	(void)state;
	stage_begin(&stage);
	port = atoi(stage.port);
	stage_run(&stage, "record -q -o stall -- %s 40 2", stage.client);
	stage_expect(&stage, 0, "", "");
	stage_run(&stage, "record -q -o no -- %s 40 1", stage.client);
	stage_expect(&stage, 0, "", "");
	return 0;
}

static int group_tear_down(void **state)
{
	(void)state;
	stage_end(&stage);
	return 0;
}

static void expect_narrow(const char *text, size_t most)
{
	for (; *text; text += strcspn(text, "\n"), text += *text != 0)
		if (strcspn(text, "\n") > most)
			fail_msg("%.*s", (int)strcspn(text, "\n"), text);
}

static void a_rule_and_why(void **state)
{
	char *group = must_print(
		"n01-127-0-0-1-%d:\n  { match: { role = \"client\"; peer = "
		"\"127.0.0.1\"; port = %d; };\n    set:   { coalesce = \"auto\"; }; };\n",
		port, port);
	char *command = must_print(
		"\n#  %s 40 2\n\n# N01, proven: 2 small writes, then a read: ", stage.client);
	static const char head[] = "# suggested by sockfix " SOCKFIX_VERSION " from run ";

	(void)state;
	stage_run(&stage, "suggest stall");
	assert_int_equal(stage.capture.status, 0);
	assert_string_equal(stage.capture.err, "");
	assert_memory_equal(stage.capture.out, head, strlen(head));
	expect_in(stage.capture.out, command);
	expect_in(stage.capture.out, "\n# costs ");
	expect_in(stage.capture.out, "\n# risk: Not where one write must be one segment (PLC ports "
				     "102, 502, 2404,\n#   20000, 44818).\n");
	expect_in(stage.capture.out, "\n# or: tcp_nodelay = true; coalesce = \"off\"; ");
	expect_narrow(stage.capture.out, 78);
	stage_shell(&stage, "$SOCKFIX suggest stall | grep -v '^#' | grep .");
	stage_expect(&stage, 0, group, "");
	free(command);
	free(group);
}

static void it_passes_check(void **state)
{
	static const char *const words[] = {"stall", "--all stall"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		stage_shell(
			&stage, "$SOCKFIX suggest %s >my.conf; $SOCKFIX check my.conf", words[i]);
		stage_expect(&stage, 0, NULL, "");
		expect_in(stage.capture.out, ", fine\n");
	}
}

static void the_loop_closes(void **state)
{
	char *in_force = must_print("\n# rules in force in that run, not repeated here:\n"
				    "#   n01-127-0-0-1-%d: coalesce=auto\n\n"
				    "# no rule: beside them, nothing was found that a rule mends\n",
		port);

	(void)state;
	stage_shell(&stage,
		"$SOCKFIX suggest stall >my.conf; $SOCKFIX record -r my.conf -o mended -- "
		"%s 40 2",
		stage.client);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err, "\n  MENDED. 40 turns, p50 ");
	expect_not_in(stage.capture.err, "N01");
	stage_run(&stage, "report --fail-over 5 mended");
	assert_int_equal(stage.capture.status, 0);
	stage_run(&stage, "suggest mended");
	stage_expect(&stage, 1, NULL,
		"sockfix: that run was made with rules, which leaves nothing to suggest; sockfix "
		"list runs prints the others\n");
	expect_in(stage.capture.out, in_force);
	free(in_force);
	stage_run(&stage, "diff stall mended");
	assert_int_equal(stage.capture.status, 0);
}

static void nothing_is_to_be_mended(void **state)
{
	static const char end[] = "\n\n# no rule: nothing was found that a rule mends\n";
	const char *out;

	(void)state;
	stage_run(&stage, "suggest no");
	out = stage.capture.out;
	assert_int_equal(stage.capture.status, 1);
	assert_string_equal(stage.capture.err, "");
	assert_true(strlen(out) > strlen(end));
	assert_string_equal(out + strlen(out) - strlen(end), end);
	stage_shell(&stage, "$SOCKFIX suggest no >none.conf; $SOCKFIX check none.conf");
	stage_expect(&stage, 1, NULL, "");
	expect_in(stage.capture.out, "none.conf: there is no rule in this file\n");
}

/* stdout stays a rule file. */
static void the_newest_run_is_named_on_stderr(void **state)
{
	(void)state;
	stage_run(&stage, "suggest");
	stage_expect(&stage, 1, "",
		"sockfix: there is no recording yet; sockfix record -- COMMAND makes one\n");
	stage_run(&stage, "record -q -- %s 40 2", stage.client);
	char *kept = stage_only(&stage, "state/sockfix");
	char *line =
		must_print("sockfix: the newest run: %s/state/sockfix/%s\n", stage.folder, kept);
	stage_run(&stage, "suggest");
	stage_expect(&stage, 0, NULL, line);
	assert_memory_equal(stage.capture.out, "# suggested by ", 15);
	free(line);
	free(kept);
}

/* Words of COMMAND stand in a comment, whatever they are. */
static void no_word_ends_the_comment(void **state)
{
	(void)state;
	stage_shell(&stage, "$SOCKFIX record -q -o evil -- true '\nevil: { set: {' '*/ }' '\r' && "
			    "$SOCKFIX suggest evil | grep -v '^#' | grep .");
	stage_expect(&stage, 1, "", "");
}

static void what_is_no_recording(void **state)
{
	(void)state;
	stage_run(&stage, "suggest N01");
	stage_expect(&stage, 1, "", "sockfix: N01: there is no such directory\n");
	stage_shell(&stage, "mkdir empty; $SOCKFIX suggest empty");
	stage_expect(&stage, 1, "", "sockfix: empty: there is no recording in it\n");
	stage_run(&stage, "suggest stall no");
	stage_expect(&stage, 2, "",
		"sockfix: suggest: one folder, not 'stall' and 'no'; see sockfix suggest --help\n");
	stage_run(&stage, "suggest --format json stall");
	stage_expect(&stage, 2, "",
		"sockfix: '--format' is not an option of suggest; see sockfix suggest --help\n");
	stage_shell(&stage, "$SOCKFIX suggest stall >/dev/full");
	stage_expect(&stage, 2, "", "sockfix: cannot write to stdout: No space left on device\n");
	stage_shell(&stage, "$SOCKFIX suggest no >/dev/full");
	stage_expect(&stage, 2, "", "sockfix: cannot write to stdout: No space left on device\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_and_why),
		cmocka_unit_test(it_passes_check),
		cmocka_unit_test(the_loop_closes),
		cmocka_unit_test(nothing_is_to_be_mended),
		cmocka_unit_test(the_newest_run_is_named_on_stderr),
		cmocka_unit_test(no_word_ends_the_comment),
		cmocka_unit_test(what_is_no_recording),
	};

	return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
