/* What sockfix itself did, from end to end: a hold that came too late is found as its own loss, and
 * the rule that is suggested for a program whose writes are left alone does mend it. What is said
 * of which counters is decided in tests/unit; here the counters are the library's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/stage.h"

/* On a busy machine the program itself is slow, and then a late hold is little of its run. */
enum { TRIES = 5 };

/* Teaches by 20 turns that it writes twice; then LATE times it computes for 250 ms between the two,
 * which is longer than the kernel lets anything be held. */
static const char late_text[] =
	"use IO::Socket; use Time::HiRes 'time'; my ($port, $late) = @ARGV;\n"
	"my $s = IO::Socket::INET->new(\"127.0.0.1:$port\") or die;\n"
	"for my $turn (1 .. 20 + $late) {\n"
	"	syswrite($s, 'x' x 100); my $end = time + 0.25;\n"
	"	1 while $turn > 20 && time < $end;\n"
	"	syswrite($s, \"x\\n\"); sysread($s, my $answer, 9) or die; }\n";

/* Stalls by three small writes a turn, and has a habit for which the library leaves it alone. */
static const char habit_text[] =
	"use Socket qw(:all); my ($port, $habit) = @ARGV; my $turn = 0;\n"
	"socket(my $s, PF_INET, SOCK_STREAM, 0) or die;\n"
	"sub nodelay { setsockopt($s, IPPROTO_TCP, TCP_NODELAY, pack('i', $_)) or die for @_ }\n"
	"sub cork { setsockopt($s, IPPROTO_TCP, 3, pack('i', $_)) or die for @_ }\n"
	"cork(1, 0) if $habit eq 'early-cork';\n"
	"setsockopt($s, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)) or die if $habit eq 'linger';\n"
	"connect($s, pack_sockaddr_in($port, inet_aton('127.0.0.1'))) or die;\n"
	"nodelay(0) if $habit eq 'zero';\n"
	"nodelay(1, 0, 1, 0) if $habit eq 'toggle';\n"
	"cork(1, 0) if $habit eq 'cork';\n"
	"send($s, 'x', MSG_OOB) if $habit eq 'oob';\n"
	"for my $turn (1 .. 40) {\n"
	"	send($s, 'x' x 50, $habit eq 'more' && $turn % 5 == 0 ? 0x8000 : 0);\n"
	"	syswrite($s, 'x' x 50); syswrite($s, \"x\\n\");\n"
	"	sysread($s, my $answer, 9) or die; }\n";

/* Validates JSON against SCHEMA, and prints a value that the words lead to. */
static const char value_text[] =
	"import json, jsonschema, sys\n"
	"report = json.load(open(sys.argv[1]))\n"
	"schema = json.load(open(sys.argv[2]))\n"
	"jsonschema.Draft7Validator.check_schema(schema)\n"
	"jsonschema.Draft7Validator(schema).validate(report)\n"
	"for word in sys.argv[3:]: report = report[int(word) if word.isdigit() else word]\n"
	"print(json.dumps(report))\n";

/* The runner-up of N01, as a rule. */
static const char second_text[] =
	"import json, sys\n"
	"findings = json.load(open(sys.argv[1]))['findings']\n"
	"mend = [f for f in findings if f['code'] == 'N01'][0]['second']\n"
	"force = ' force = true;' if mend['force'] else ''\n"
	"print('x: { match: { %s }; set: { %s };%s };' % (mend['match'], mend['set'], force))\n";

static const char default_text[] =
	"all: { match: { role = \"any\"; }; set: { coalesce = \"auto\"; }; };\n";

static struct stage stage;
static char *schema; /* its path */

static int group_set_up(void **state)
{
	(void)state;
	schema = realpath("tools/show/report.schema.json", NULL);
	assert_non_null(schema);
	stage_begin(&stage);
	capture_write(stage.folder, "late.pl", late_text, 0644);
	capture_write(stage.folder, "habit.pl", habit_text, 0644);
	capture_write(stage.folder, "value.py", value_text, 0644);
	capture_write(stage.folder, "second.py", second_text, 0644);
	capture_write(stage.folder, "all.conf", default_text, 0644);
	return 0;
}

static int group_tear_down(void **state)
{
	(void)state;
	stage_end(&stage);
	free(schema);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	stage_shell(&stage, "rm -rf run bare mended");
	return stage.capture.status;
}

/* In the JSON of that run, which the schema allows. */
static void expect_json(const char *run, const char *words, const char *value)
{
	stage_shell(&stage,
		"$SOCKFIX report --all --format json %s >json; /usr/bin/python3 value.py json %s "
		"%s",
		run, schema, words);
	stage_expect(&stage, 0, value, "");
}

/* ---- late holds ---- */

/* Late as it should be, and loud. */
static void record_late(unsigned late)
{
	for (int i = 0; i < TRIES; i++) {
		stage_shell(&stage, "rm -rf run");
		stage_run(&stage, "record -q -r all.conf -o run -- perl late.pl %s %u", stage.port,
			late);
		stage_expect(&stage, 0, "", "");
		stage_run(&stage, "report run");
		if (strstr(stage.capture.out, " proven   X01 "))
			return;
	}
	fail_msg("%s", stage.capture.out);
}

static void a_late_hold_is_its_own_loss(void **state)
{
	(void)state;
	record_late(1);
	expect_in(stage.capture.out, "\n  STALLED. 0.");
	expect_in(stage.capture.out, " %) go to sockfix: it held writes too long.\n");
	expect_in(stage.capture.out, " writes, 1 late (0.");
	expect_in(stage.capture.out, " lost by it); set tcp_nodelay on 1\n  connection.\n");
	expect_not_in(stage.capture.out, "MENDED");
	expect_json("run", "ours late", "1\n");
	expect_json("run", "endpoints 0 ours late", "1\n");
	expect_json("run", "ours given_up", "[]\n");
	expect_json("run", "verdict", "\"STALLED\"\n");
	stage_run(&stage, "report --fail-over 5 run");
	assert_int_equal(stage.capture.status, 1);
	stage_run(&stage, "report X01 run");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "B   joined to the next by sockfix\n");
	expect_in(stage.capture.out, "tcp_nodelay = true; coalesce = \"off\";");
}

/* The chance is lost: the same again is not held, so it cannot be late again. */
static void the_second_time_it_is_not_held(void **state)
{
	(void)state;
	record_late(3);
	expect_json("run", "ours late", "1\n");
}

static void its_rule_holds_nothing(void **state)
{
	(void)state;
	record_late(1);
	stage_shell(&stage,
		"$SOCKFIX suggest run >my.conf; $SOCKFIX check my.conf >/dev/null && $SOCKFIX "
		"record -r my.conf -o mended -- perl late.pl %s 1",
		stage.port);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err, "\n  MENDED. 21 turns, ");
	expect_in(stage.capture.err, "\n  sockfix set tcp_nodelay on 1 connection.\n");
	expect_json("mended", "ours held", "0\n");
}

static void each_late_hold_is_in_the_log(void **state)
{
	(void)state;
	stage_shell(&stage, "SOCKFIX_LOG=stderr:warn $SOCKFIX run -r all.conf -- perl late.pl %s 1",
		stage.port);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err, "] warn: port ");
	expect_in(stage.capture.err, " ms late; nothing is held there for 1000 turns");
}

static void a_run_without_rules_has_nothing_of_ours(void **state)
{
	(void)state;
	stage_run(&stage, "record -o run -- perl late.pl %s 0", stage.port);
	assert_int_equal(stage.capture.status, 0);
	expect_not_in(stage.capture.err, "\n  sockfix held");
	expect_not_in(stage.capture.err, "left alone");
	expect_json("run", "ours",
		"{\"held\": 0, \"late\": 0, \"late_ns\": 0, \"slow_ns\": 0, \"acks\": {\"learnt\": "
		"0, \"dropped\": 0, \"won\": 0}, \"nagle\": {\"kept\": 0, \"waited\": 0}, \"set\": "
		"[], \"given_up\": []}\n");
}

/* ---- what is left alone ---- */

static const struct habit {
	const char *name;
	const char *reason; /* in JSON; NULL: it is not left alone */
} habit_table[] = {
	{"none", NULL},
	{"zero", NULL},
	{"toggle", "nodelay"},
	{"linger", "linger"},
	{"cork", "cork"},
	{"early-cork", "cork"},
	{"more", "more"},
	{"oob", "more"},
};
enum { HABITS = sizeof(habit_table) / sizeof(*habit_table) };

/* By the rule that is suggested from one run the next has no stall any more. */
static void the_loop_closes(const char *from, const char *habit)
{
	stage_shell(&stage,
		"rm -rf mended; $SOCKFIX suggest %s >my.conf; $SOCKFIX check my.conf >/dev/null && "
		"$SOCKFIX record -r my.conf -o mended -- perl habit.pl %s %s",
		from, stage.port, habit);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err, "\n  MENDED. 40 turns, ");
	expect_not_in(stage.capture.err, "N01");
}

/* The recording without rules knows already what the library will leave alone. */
static void the_rule_that_is_suggested_mends(void **state)
{
	const struct habit *habit = *state;

	stage_run(&stage, "record -o bare -- perl habit.pl %s %s", stage.port, habit->name);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err, "\n  STALLED. ");
	expect_in(stage.capture.err, " proven   N01 ");
	expect_not_in(stage.capture.err, "left alone");
	the_loop_closes("bare", habit->name);
}

/* What the program itself has set to 0 is set again by force alone. */
static void the_runner_up_mends_too(void **state)
{
	(void)state;
	stage_shell(&stage,
		"$SOCKFIX record -q -o bare -- perl habit.pl %s zero && $SOCKFIX report --format "
		"json bare >json && /usr/bin/python3 second.py json >my.conf && "
		"$SOCKFIX record -r my.conf -o mended -- perl habit.pl %s zero",
		stage.port, stage.port);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err, "\n  MENDED. 40 turns, ");
	expect_json("mended", "ours held", "0\n");
}

/* Under the default it is said, and what is suggested from there mends, too. */
static void what_is_left_alone_is_said(void **state)
{
	const struct habit *habit = *state;
	char given_up[100];

	stage_run(&stage, "record -r all.conf -o run -- perl habit.pl %s %s", stage.port,
		habit->name);
	assert_int_equal(stage.capture.status, 0);
	if (!habit->reason) {
		expect_in(stage.capture.err, "\n  MENDED. 40 turns, ");
		expect_in(stage.capture.err, "\n  sockfix held ");
		expect_not_in(stage.capture.err, "left alone");
		expect_json("run", "ours given_up", "[]\n");
		return;
	}
	expect_in(stage.capture.err, "\n  STALLED. ");
	expect_in(stage.capture.err, "\n  1 connection was left alone: the program ");
	snprintf(given_up, sizeof(given_up), "\"%s\"\n", habit->reason);
	expect_json("run", "ours given_up 0 reason", given_up);
	expect_json("run", "endpoints 0 ours given_up 0 connections", "1\n");
	the_loop_closes("run", habit->name);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

enum { FIRST = 6 }; /* tests that are of no habit */

int main(void)
{
	struct CMUnitTest tests[FIRST + 2 * HABITS] = {
		TEST(a_late_hold_is_its_own_loss),
		TEST(the_second_time_it_is_not_held),
		TEST(its_rule_holds_nothing),
		TEST(each_late_hold_is_in_the_log),
		TEST(a_run_without_rules_has_nothing_of_ours),
		TEST(the_runner_up_mends_too),
	};
	char name[2 * HABITS][64];

	for (size_t i = 0; i < HABITS; i++) {
		void *habit = (void *)(uintptr_t)&habit_table[i];

		snprintf(name[2 * i], sizeof(name[0]), "%s: its rule mends", habit_table[i].name);
		snprintf(name[2 * i + 1], sizeof(name[0]), "%s: it is said", habit_table[i].name);
		tests[FIRST + 2 * i] = (struct CMUnitTest){
			name[2 * i], the_rule_that_is_suggested_mends, set_up, NULL, habit};
		tests[FIRST + 2 * i + 1] = (struct CMUnitTest){
			name[2 * i + 1], what_is_left_alone_is_said, set_up, NULL, habit};
	}
	return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
