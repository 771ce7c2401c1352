/* `sockfix report --format perfetto`: a trace as the format wants it, of which nothing is left out
 * without a word, and whose slices are the recording's. */
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

/* check.py TRACE [REPORT]: by the schema; slices of a track sorted and nested, tracks named, and as
 * many as the head says. REPORT, the same run's JSON: findings, calls and stalled seconds are its.
 * Prints what is left out, and how many slices of which sort. */
static const char check_text[] =
	"import collections, json, jsonschema, sys\n"
	"trace, schema = json.load(open(sys.argv[1])), json.load(open('schema.json'))\n"
	"jsonschema.Draft7Validator(schema).validate(trace)\n"
	"events, head = trace['traceEvents'], trace['otherData']\n"
	"tracks, names = collections.defaultdict(list), {}\n"
	"for e in events:\n"
	"	if e['ph'] == 'M':\n"
	"		key = (e['pid'], e['tid'], e['name'])\n"
	"		assert key not in names, key\n"
	"		names[key] = e['args']['name']\n"
	"		assert not tracks[e['pid'], e['tid']], 'named too late'\n"
	"	elif e['ph'] == 'X': tracks[e['pid'], e['tid']].append(e)\n"
	"def ns(us): return round(us * 1000)\n"
	"for (pid, tid), slices in tracks.items():\n"
	"	if not slices: continue\n"
	"	assert (pid, tid, 'thread_name') in names and (pid, 0, 'process_name') in names\n"
	"	stack, before = [], 0\n"
	"	for e in slices:\n"
	"		begin, end = ns(e['ts']), ns(e['ts']) + ns(e['dur'])\n"
	"		assert begin >= before, e\n"
	"		before = begin\n"
	"		while stack and stack[-1] <= begin: stack.pop()\n"
	"		assert not stack or end <= stack[-1], e\n"
	"		stack.append(end)\n"
	"of = collections.Counter(e['cat'] for e in events if e['ph'] == 'X')\n"
	"assert sum(of.values()) == int(head['slices']) <= int(head['slices_of'])\n"
	"said = [e['name'] for e in events if e['ph'] == 'i' and e['s'] == 'g']\n"
	"assert said == ([] if head['left_out'] == 'nothing' else [head['left_out']])\n"
	"assert (head['slices'] == head['slices_of']) == (head['left_out'] == 'nothing')\n"
	"if len(sys.argv) > 2:\n"
	"	report = json.load(open(sys.argv[2]))\n"
	"	found = [e for e in events if e['ph'] == 'i' and 'args' in e]\n"
	"	assert [e['name'][:3] for e in found] == [f['code'] for f in report['findings']]\n"
	"	for e, f in zip(found, report['findings']):\n"
	"		a = e['args']\n"
	"		assert (a['what'], a['sure'], a['fix'], a['lost_high_ns'], a['hits']) == (\n"
	"			f['what'], f['sure'], f['fix'], f['lost_ns']['high'], f['hits'])\n"
	"	calls = collections.Counter(e['name'] for e in events if e.get('cat') == 'call')\n"
	"	assert calls == {r['call']: r['calls'] for r in report['calls']['run']}, calls\n"
	"	stalled = sum(ns(e['dur']) for e in events if e.get('cat') == 'stall')\n"
	"	assert abs(stalled - report['split_ns']['stalled']) < 1e6, stalled\n"
	"	waits = [e for e in events if e['name'].startswith('waiting')]\n"
	"	turns = sum(e['turns'] for e in report['endpoints'])\n"
	"	assert of['turn'] == turns and len(waits) == turns, (turns, of)\n"
	"print(head['left_out'] == 'nothing', of['turn'], of['stall'], of['call'] > 0,\n"
	"	head['verdict'])\n";

static int group_set_up(void **state)
{
	char *schema = realpath("tools/show/perfetto.schema.json", NULL);

	(void)state;
	assert_non_null(schema);
	stage_begin(&stage);
	capture_write(stage.folder, "check.py", check_text, 0644);
	stage_shell(&stage, "cp %s schema.json; $SOCKFIX record -q -o stall -- %s 60 2", schema,
		stage.client);
	stage_expect(&stage, 0, "", "");
	free(schema);
	return 0;
}

static int group_tear_down(void **state)
{
	(void)state;
	stage_end(&stage);
	return 0;
}

static void a_trace_of_all_that_was_recorded(void **state)
{
	(void)state;
	stage_shell(&stage, "$SOCKFIX report --all --format perfetto stall >trace && "
			    "$SOCKFIX report --all --calls --format json stall >report && "
			    "python3 check.py trace report");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "True 60 ");
	expect_in(stage.capture.out, " True STALLED\n");
	assert_string_equal(stage.capture.err, "");
}

/* Whatever the limit, it is kept, and the longest stay: the stalls. */
static void a_limit_is_said(void **state)
{
	static const int limits[] = {1, 7, 50, 100, 300};

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		stage_shell(&stage,
			"$SOCKFIX report --format perfetto --limit %d stall >trace && "
			"python3 check.py trace && grep -c '\"ph\":\"X\"' trace",
			limits[i]);
		assert_int_equal(stage.capture.status, 0);
		assert_memory_equal(stage.capture.out, "False ", 6);
		const int kept = atoi(strchr(stage.capture.out, '\n') + 1);
		assert_in_range(kept, limits[i] == 1 ? 0 : limits[i] / 2, limits[i]);
	}
	stage_shell(&stage, "$SOCKFIX report --format perfetto --limit 300 stall >trace && "
			    "grep -c '\"name\":\"stalled N01\"' trace");
	assert_in_range(atoi(stage.capture.out), 50, 60);
}

static void a_limit_is_a_number_of_slices(void **state)
{
	static const char *const bad[] = {"0", "x", "-1", "1.5", "5k", "99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *said = must_print("sockfix: report: --limit takes a number of slices such as "
					"500000, not '%s'; see sockfix report --help\n",
			bad[i]);
		stage_run(&stage, "report --format perfetto --limit %s stall", bad[i]);
		stage_expect(&stage, 2, "", said);
		free(said);
	}
}

/* Several processes and threads; and one whose recording was full, which is said where it was. */
static void processes_and_threads(void **state)
{
	(void)state;
	stage_shell(&stage,
		"$SOCKFIX record -q -o several -- sh -c '%s 30 2 & %s 30 2; wait' && "
		"$SOCKFIX report --all --format perfetto several >trace && python3 check.py trace",
		stage.client, stage.client);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "True 60 ");
	stage_shell(&stage,
		"$SOCKFIX record -q -o full --limit 64K -- %s 5000 1 && "
		"$SOCKFIX report --format perfetto full >trace && python3 check.py trace && "
		"grep -c 'the recording was FULL: no calls from here on' trace",
		stage.client);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "\n1\n");
}

static void names_are_strings(void **state)
{
	(void)state;
	stage_shell(&stage,
		"$SOCKFIX record -q -o hostile -- %s 20 2 "
		"\"$(printf '\\\\ \\042}],\\377\\001')\" && "
		"$SOCKFIX report --format perfetto hostile >trace && python3 check.py trace",
		stage.client);
	assert_int_equal(stage.capture.status, 0);
	assert_string_equal(stage.capture.err, "");
	stage_shell(&stage, "$SOCKFIX report --format perfetto --anonymize hostile | "
			    "grep -c client.pl");
	assert_string_equal(stage.capture.out, "0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trace_of_all_that_was_recorded),
		cmocka_unit_test(a_limit_is_said),
		cmocka_unit_test(a_limit_is_a_number_of_slices),
		cmocka_unit_test(processes_and_threads),
		cmocka_unit_test(names_are_strings),
	};

	return cmocka_run_group_tests_name("cli_perfetto", tests, group_set_up, group_tear_down);
}
