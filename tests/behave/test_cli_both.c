/* `sockfix report A B`: two recordings of the same connections, made of real programs at both ends
 * of loopback. What is split how is decided in tests/unit/test_both_*.c; here it is that real
 * recordings come to that, whatever the clocks, and that what has nothing in common is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/stage.h"

static struct stage stage;

/* check.py < JSON: the schema holds and the parts add up; then the verdict, turns, those that are
 * not split, and what the findings are that are not minor. */
static const char check_text[] =
	"import json, jsonschema, sys\n"
	"report, schema = json.load(sys.stdin), json.load(open('schema.json'))\n"
	"jsonschema.Draft7Validator(schema).validate(report)\n"
	"for sum_ in report['connections'] + [report['all']]:\n"
	"	assert sum(sum_['parts_ns'].values()) == sum_['took_ns']\n"
	"for member in 'turns', 'turns_not_split', 'took_ns':\n"
	"	assert sum(c[member] for c in report['connections']) == report['all'][member]\n"
	"print(report['verdict'], len(report['connections']), report['all']['turns'],\n"
	"	report['all']['turns_not_split'], *sorted('/'.join((f['code'], f['end'], f['sure']))\n"
	"	for f in report['findings'] if not f['minor']))\n"
	"parts, ahead = report['all']['parts_ns'], (report['clocks'] or {}).get("
	"'server_ahead_ns', 0)\n"
	"for test in sys.argv[1:]:\n"
	"	assert eval(test), (test, parts, ahead)\n";

/* wrong.s is far.s of a host whose time of day is 3,000 s late. */
static const char wrong_text[] = "import json, shutil\n"
				 "shutil.copytree('far.s', 'wrong.s')\n"
				 "run = json.load(open('far.s/run.json'))\n"
				 "run['started_wall'] += 3000 * 10**9\n"
				 "run['ended_wall'] += 3000 * 10**9\n"
				 "json.dump(run, open('wrong.s/run.json', 'w'))\n";

/* pair NAME HOW CONNECTIONS OWN-PORT TURNS WRITES: NAME.s and NAME.c; $FAR: before the server's
 * command, $LESS and $MORE: what the server and the client are recorded with. json A B: what
 * check.py says. */
static const char pair_text[] =
	"serve() { : >$1.port; $FAR $SOCKFIX record -q $LESS -o $1.s -- "
	"$TALK serve $2 127.0.0.1 $3 >>$1.port & "
	"until grep -q . $1.port; do sleep 0.01; done; }\n"
	"asked() { name=$1; shift; $SOCKFIX record -q $MORE -o $name.c -- $TALK ask 127.0.0.1 "
	"$(cat $name.port) \"$@\"; wait; }\n"
	"pair() { serve $1 $2 $3; asked $1 $4 $3 $5 $6; }\n"
	"json() { a=$1 b=$2; shift 2; $SOCKFIX report --format json $a $b | "
	"/usr/bin/python3 check.py \"$@\"; }\n";

static int group_set_up(void **state)
{
	char *schema = realpath("tools/show/both.schema.json", NULL);
	char *talk = build_path("victims/dialogue"),
	     *pair = must_print("TALK=%s\n%s", talk, pair_text);

	(void)state;
	assert_non_null(schema);
	stage_begin(&stage);
	capture_write(stage.folder, "check.py", check_text, 0644);
	capture_write(stage.folder, "pair.sh", pair, 0644);
	capture_write(stage.folder, "wrong.py", wrong_text, 0644);
	stage_shell(&stage,
		". ./pair.sh; cp %s schema.json; pair stall whole 1 0 20 2; pair parts parts 1 0 20 1; "
		"pair good whole 3 0 20 1",
		schema);
	stage_expect(&stage, 0, "", "");
	free(schema);
	free(talk);
	free(pair);
	return 0;
}

static int group_tear_down(void **state)
{
	(void)state;
	stage_end(&stage);
	return 0;
}

#define PLAY(...) stage_shell(&stage, ". ./pair.sh; " __VA_ARGS__)

/* ---- what it shows ---- */

static void a_client_that_stalls(void **state)
{
	(void)state;
	/* In either order. */
	PLAY("json stall.c stall.s 'parts[\"ack_server\"] > parts[\"server\"]' && "
	     "json stall.s stall.c 'report[\"client_is_second\"]'");
	stage_expect(&stage, 0,
		"STALLED 1 20 0 N01/client/proven N11/server/proven\n"
		"STALLED 1 20 0 N01/client/proven N11/server/proven\n",
		"");
	PLAY("$SOCKFIX report stall.c stall.s");
	stage_expect(&stage, 0, NULL, "");
	expect_in(stage.capture.out, "\n  STALLED. ");
	expect_in(stage.capture.out, "A ACK withheld by the server ");
	expect_in(stage.capture.out, "  proven   N01   client  rule ");
	expect_in(stage.capture.out, "  proven   N11   server  rule ");
	expect_in(stage.capture.out, "the same wait: requests that");
	expect_in(stage.capture.out, "the client alone  N01 proven ");
	expect_in(stage.capture.out,
		"next  on the client   sockfix run -s coalesce=auto -- COMMAND (ends ");
	expect_in(stage.capture.out,
		"      on the server   or sockfix run -s tcp_quickack=true -- COMMAND");
	expect_not_in(stage.capture.out, " -> 127.0.0.1:");
}

static void a_server_that_stalls(void **state)
{
	(void)state;
	PLAY("json parts.c parts.s 'parts[\"ack_client\"] > parts[\"server\"]'");
	stage_expect(&stage, 0, "STALLED 1 20 0 N02/server/proven N11/client/proven\n", "");
}

/* What is offered does end it: the same programs with the rule at the end that it names. A busy
 * host may still read a first part so late that a turn or two is held. */
static void a_rule_at_either_end(void **state)
{
	(void)state;
	PLAY("few='sum(f[\"hits\"] for f in report[\"findings\"] if f[\"code\"] == \"N01\") <= %s'; "
	     "MORE='-s coalesce=auto' pair mended whole 1 0 20 2; MORE=; "
	     "json mended.c mended.s \"$few\" >mended.out; "
	     "LESS='-s tcp_quickack=true' pair quick whole 1 0 20 2; "
	     "json quick.c quick.s \"$few\" >quick.out; "
	     "json stall.c stall.s \"not ($few)\" >stall.out",
		"12");
	stage_expect(&stage, 0, "", "");
}

static void what_does_not_stall(void **state)
{
	(void)state;
	PLAY("json good.c good.s && $SOCKFIX report --all good.c good.s");
	stage_expect(&stage, 0, NULL, "");
	expect_in(stage.capture.out, "IT IS NOT THE SOCKETS 3 60 0\n");
	expect_in(stage.capture.out, "3 connections in both (3 at the client, 3 at the server)");
	expect_in(stage.capture.out, " -> 127.0.0.1:");
	expect_in(stage.capture.out, "   20 turns, ");
	expect_in(stage.capture.out, "the client alone  nothing\n");
}

static void a_server_that_is_slow(void **state)
{
	(void)state;
	PLAY("pair slow slow 1 0 10 1; json slow.c slow.s 'parts[\"server\"] >= 10 * 20e6'; "
	     "$SOCKFIX report slow.c slow.s");
	stage_expect(&stage, 0, NULL, "");
	expect_in(stage.capture.out, "IT IS NOT THE SOCKETS 1 10 0\n");
	expect_in(stage.capture.out, "Most of the turns' time is in the server: ");
	expect_in(
		stage.capture.out, "next  sockfix report slow.s (what the server does meanwhile)");
}

/* The client's kernel does hold its bytes, and the client alone must think that it costs 40 ms. But
 * nobody waited for them. */
static void a_server_that_works_meanwhile(void **state)
{
	(void)state;
	/* On a busy host the ACK may come too late to be told for a delayed one: three tries. */
	PLAY("for try in 1 2 3; do pair works$try works 1 0 6 2; "
	     "json works$try.c works$try.s 'parts[\"server\"] >= 250e6' >said || cat said; "
	     "$SOCKFIX report works$try.c >alone; grep -q N01 alone && break; done; "
	     "cat said; grep -q N01 alone && echo alone");
	stage_expect(&stage, 0, "IT IS NOT THE SOCKETS 1 6 0\nalone\n", "");
}

/* ---- which is which ---- */

/* The client has one port for all; of its first two connections there is no recording. */
static void ports_that_serve_again(void **state)
{
	(void)state;
	PLAY("port=$(cat good.port); serve again whole 5; "
	     "$TALK ask 127.0.0.1 $(cat again.port) $port 2 3 1; asked again $port 3 4 1; "
	     "json again.c again.s");
	stage_expect(&stage, 0, "IT IS NOT THE SOCKETS 3 12 0\n", "");
}

static void one_recording_of_both(void **state)
{
	(void)state;
	PLAY("cat >both.sh <<'END'\n. ./pair.sh; : >one.port\n$TALK serve whole 127.0.0.1 1 >>one.port &\n"
	     "until grep -q . one.port; do sleep 0.01; done\n"
	     "$TALK ask 127.0.0.1 $(cat one.port) 0 1 20 2\nwait\nEND\n"
	     "$SOCKFIX record -q -o one -- sh both.sh; json one one; $SOCKFIX report one one");
	stage_expect(&stage, 0, NULL, "");
	expect_in(stage.capture.out, "STALLED 1 20 0 N01/client/proven N11/server/proven\n");
	expect_in(stage.capture.out, "\n  One recording has both ends.\n");
}

/* ---- clocks ---- */

/* A host that booted at another time; and one that does not know the time of day. */
static void clocks_that_differ(void **state)
{
	(void)state;
	need("root");
	PLAY("FAR='unshare -T --fork --monotonic 1000000' pair far whole 1 0 20 2; "
	     "json far.c far.s 'abs(ahead) < 1e9'; /usr/bin/python3 wrong.py; "
	     "json far.c wrong.s '2999e9 < ahead < 3001e9'; $SOCKFIX report far.c wrong.s");
	stage_expect(&stage, 0, NULL, "");
	expect_in(stage.capture.out, "STALLED 1 20 0 N01/client/proven N11/server/proven\n"
				     "STALLED 1 20 0 N01/client/proven N11/server/proven\n");
	expect_in(stage.capture.out, "\n  the server's clock is 3000.");
}

/* ---- what is missing ---- */

/* The server's events had no room: of most turns one end alone tells. */
static void a_recording_that_was_full(void **state)
{
	(void)state;
	PLAY("LESS='--limit 64K' pair full whole 1 0 3000 1; "
	     "json full.c full.s '0 < report[\"all\"][\"turns_not_split\"] < 3000'; "
	     "$SOCKFIX report --fail-over 5 full.c full.s; echo $?");
	stage_expect(&stage, 0, NULL, "");
	expect_in(stage.capture.out, "NOT SURE 1 3000 ");
	expect_in(stage.capture.out, "\n  The server's recording is not whole.\n");
	expect_in(stage.capture.out, " in turns cannot be split (");
	expect_in(stage.capture.out, "\n2\n");
}

/* A file that ends in the middle is used as far as it goes: here its connection is there, and no
 * call. */
static void a_file_that_is_cut_off(void **state)
{
	(void)state;
	PLAY("cp -r stall.s cut.s; truncate -s 12288 cut.s/*.trace; "
	     "json stall.c cut.s 'not report[\"server\"][\"whole\"]'; "
	     "$SOCKFIX report stall.c cut.s | grep -e 'not whole' -e alone");
	stage_expect(&stage, 0, NULL, "");
	expect_in(stage.capture.out, "NOT SURE 1 20 20\n  The server's recording is not whole.\n"
				     "  the client alone  N01 proven ");
	PLAY("truncate -s 100 cut.s/*.trace; $SOCKFIX report cut.s stall.c");
	assert_int_equal(stage.capture.status, 1);
	expect_in(stage.capture.err, ".trace: cut off at 100 of 4096 bytes\n");
}

static void nothing_in_common(void **state)
{
	(void)state;
	PLAY("$SOCKFIX report stall.c good.s");
	assert_int_equal(stage.capture.status, 2);
	assert_string_equal(stage.capture.out, "");
	expect_in(stage.capture.err,
		"sockfix: no connection of stall.c is in good.s: of the one, it connected 1 "
		"connection, 127.0.0.1:");
	expect_in(stage.capture.err, "; of the other, it accepted 3 connections, 127.0.0.1:");
	expect_in(stage.capture.err, " and others\n");
	PLAY("$SOCKFIX report good.s stall.c");
	expect_in(stage.capture.err, "sockfix: no connection of stall.c is in good.s: ");
	/* Two clients. */
	PLAY("$SOCKFIX report stall.c good.c");
	assert_int_equal(stage.capture.status, 2);
	expect_in(stage.capture.err, "there is none that it accepted and used\n");
	PLAY("$SOCKFIX report stall.c nowhere");
	assert_int_equal(stage.capture.status, 1);
	expect_in(stage.capture.err, "sockfix: nowhere");
}

/* ---- options ---- */

static void options_go_with_it(void **state)
{
	(void)state;
	PLAY("$SOCKFIX report --fail-over 5 stall.c stall.s >/dev/null; echo $?; "
	     "$SOCKFIX report --fail-over 5 good.c good.s >/dev/null; echo $?; "
	     "$SOCKFIX report --anonymize stall.c stall.s | grep -c -e dialogue -e stall");
	stage_expect(&stage, 0, "1\n0\n2\n", "");
}

static void what_does_not_go(void **state)
{
	(void)state;
	stage_run(&stage, "report N01 stall.c stall.s");
	stage_expect(&stage, 2, "",
		"sockfix: report: a CODE, --calls and --timeline go with one folder, not 'stall.c' "
		"and 'stall.s'; see sockfix report --help\n");
	stage_run(&stage, "report --calls stall.c stall.s");
	assert_int_equal(stage.capture.status, 2);
	stage_run(&stage, "report a b c");
	stage_expect(&stage, 2, "",
		"sockfix: report: two folders at most, not 'a', 'b' and more; see sockfix report "
		"--help\n");
	stage_run(&stage, "report --help");
	expect_in(
		stage.capture.out, "sockfix report A B         both ends of the same connections");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_that_stalls),
		cmocka_unit_test(a_server_that_stalls),
		cmocka_unit_test(a_rule_at_either_end),
		cmocka_unit_test(what_does_not_stall),
		cmocka_unit_test(a_server_that_is_slow),
		cmocka_unit_test(a_server_that_works_meanwhile),
		cmocka_unit_test(ports_that_serve_again),
		cmocka_unit_test(one_recording_of_both),
		cmocka_unit_test(clocks_that_differ),
		cmocka_unit_test(a_recording_that_was_full),
		cmocka_unit_test(a_file_that_is_cut_off),
		cmocka_unit_test(nothing_in_common),
		cmocka_unit_test(options_go_with_it),
		cmocka_unit_test(what_does_not_go),
	};

	return cmocka_run_group_tests_name("cli_both", tests, group_set_up, group_tear_down);
}
