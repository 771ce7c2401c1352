/* `sockfix report --calls`, `--timeline` and what `--all` says of connections, over recordings of
 * real programs: one that stalls, and one that the recording had no room for. What the views make
 * of which trace is decided in tests/unit. */
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

/* check.py JSON SCHEMA: that the slices are the run, and that connections and the rest are all
 * calls; says how many calls there were of whatever the client writes and reads with, how many of
 * them were timed, and the code of the first stretch. */
static const char check_text[] =
	"import json, jsonschema, sys\n"
	"report, schema = (json.load(open(name)) for name in sys.argv[1:])\n"
	"jsonschema.Draft7Validator(schema).validate(report)\n"
	"slices = [sum(v for k, v in s.items() if k != 'full')\n"
	"	for s in report['timeline']['slices_ns']]\n"
	"assert sum(slices) == report['split_ns']['wall'] and max(slices) - min(slices) <= 1\n"
	"def table(rows): return {(r['call'], r['file']): r for r in rows}\n"
	"calls, all = report['calls'], table(report['calls']['run'])\n"
	"parts = [table(c['calls']) for c in report['connections']]\n"
	"parts += [table(calls['no_connection']), table(calls['only_counted'])]\n"
	"for key, row in all.items():\n"
	"	for member in 'calls', 'timed', 'errors', 'ns', 'bytes':\n"
	"		total = sum(p[key][member] or 0 for p in parts if key in p)\n"
	"		assert total == (row[member] or 0), (key, member)\n"
	"assert not set().union(*parts) - set(all)\n"
	"told = [all['write', False], all['read', False]]\n"
	"beyond = [report['connections'][0][k + '_only_counted']['calls'] for k in ('writes', "
	"'reads')]\n"
	"lost = report['timeline']['lost']\n"
	"full = any(s['full'] for s in report['timeline']['slices_ns'])\n"
	"print([r['calls'] for r in told], [r['timed'] < r['calls'] for r in told],\n"
	"	[r['calls'] - r['timed'] == b for r, b in zip(told, beyond)], full,\n"
	"	lost[0]['code'] if lost else None)\n";

static int group_set_up(void **state)
{
	char *schema = realpath("tools/show/report.schema.json", NULL);

	(void)state;
	assert_non_null(schema);
	stage_begin(&stage);
	capture_write(stage.folder, "check.py", check_text, 0644);
	stage_shell(&stage,
		"cp %s schema.json; $SOCKFIX record -q -o stall -- %s 60 2; "
		"$SOCKFIX record -q -o full --limit 64K -- %s 5000 1",
		schema, stage.client, stage.client);
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

/* Fails unless a line of the answer ends so. */
static void expect_row(const char *end)
{
	char *line = must_print("%s\n", end);

	expect_in(stage.capture.out, line);
	free(line);
}

static void the_calls_of_a_run(void **state)
{
	(void)state;
	stage_run(&stage, "report --calls stall");
	assert_int_equal(stage.capture.status, 0);
	assert_memory_equal(stage.capture.out, "sockfix report   perl client.pl ", 32);
	expect_in(stage.capture.out,
		"\n% time      seconds  usecs/call      calls    errors         bytes call\n");
	expect_row("        120                    6120 write");
	expect_row(" total");
	expect_not_in(stage.capture.out, ">");
	expect_not_in(stage.capture.out, "STALLED");
	expect_not_in(stage.capture.out, " #1\n");
	stage_run(&stage, "report --calls --all stall");
	expect_in(stage.capture.out, stage.port);
	expect_in(stage.capture.out, " #1\n% time ");
}

static void calls_that_were_only_counted(void **state)
{
	(void)state;
	stage_run(&stage, "report --calls --all full");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "       5000 ");
	expect_in(stage.capture.out, " calls had no room in the recording and were only counted:");
	expect_in(stage.capture.out, " writes of ");
	expect_in(stage.capture.out, "\nonly counted, on which connection is not known\n");
}

static void when_it_stalled(void **state)
{
	char *row = must_print("  N01   127.0.0.1:%s\n", stage.port);
	char *blank = must_print("\n  stalled        |%51s|", "");

	(void)state;
	stage_run(&stage, "report --timeline stall");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "\n\n  stalled        |");
	expect_not_in(stage.capture.out, blank);
	expect_in(stage.capture.out, "\n                  |0 s");
	expect_not_in(stage.capture.out, "?");
	expect_not_in(stage.capture.out, "STALLED");
	expect_in(stage.capture.out, row);
	free(row);
	stage_run(&stage, "report --timeline full");
	expect_in(stage.capture.out, "\n  stalled        |");
	expect_not_in(stage.capture.out, blank);
	free(blank);
	expect_in(stage.capture.out, "\n  not recorded   |");
	expect_in(stage.capture.out, "???");
	expect_in(stage.capture.out, "? not known, for the recording was full.\n");
}

static void all_names_what_the_kernel_said(void **state)
{
	char *name = must_print("\n  127.0.0.1:%s #1 ", stage.port);

	(void)state;
	stage_run(&stage, "report --all stall");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "  CONNECTION                 BUSY     RWND   SNDBUF ");
	expect_in(stage.capture.out, name);
	stage_run(&stage, "report stall");
	expect_not_in(stage.capture.out, "  CONNECTION ");
	free(name);
}

static void json_has_what_was_asked_for(void **state)
{
	static const struct {
		const char *run, *line;
	} table[] = {{"stall", "[120, 60] [False, False] [True, True] False N01\n"},
		{"full", "[5000, 5000] [True, True] [True, True] True None\n"}};
	static const char *const options[] = {
		"", "--calls", "--timeline", "--all", "--calls --all"};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		stage_shell(&stage,
			"$SOCKFIX report --format json --calls --timeline --all %s >json; "
			"/usr/bin/python3 check.py json schema.json",
			table[i].run);
		stage_expect(&stage, 0, table[i].line, "");
	}
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		const char *with = options[i];
		stage_shell(&stage,
			"$SOCKFIX report --format json %s stall >json; /usr/bin/python3 -c 'import "
			"json, jsonschema; d = json.load(open(\"json\")); "
			"jsonschema.validate(d, json.load(open(\"schema.json\"))); print(*(k for k "
			"in "
			"(\"calls\", \"connections\", \"timeline\") if k in d))'",
			with);
		char *keys = must_print("%s%s%s%s\n", strstr(with, "--calls") ? "calls" : "",
			strstr(with, "--calls --all") ? " " : "",
			strstr(with, "--all") ? "connections" : "",
			strstr(with, "--timeline") ? "timeline" : "");
		stage_expect(&stage, 0, keys, "");
		free(keys);
	}
}

static void both_and_other_options(void **state)
{
	(void)state;
	stage_run(&stage, "report --timeline --calls --fail-over 5 stall");
	assert_int_equal(stage.capture.status, 1);
	expect_in(stage.capture.out, "\n% time ");
	expect_in(stage.capture.out, "\n  stalled        |");
	stage_run(&stage, "report --anonymize --calls --all stall");
	assert_int_equal(stage.capture.status, 0);
	assert_memory_equal(stage.capture.out, "sockfix report   perl ... ", 26);
	stage_shell(&stage, "$SOCKFIX report --calls --timeline stall >/dev/full");
	stage_expect(&stage, 2, "", "sockfix: cannot write to stdout: No space left on device\n");
	stage_run(&stage, "report --help");
	expect_in(stage.capture.out, " --calls ");
	expect_in(stage.capture.out, " --timeline ");
}

static void misuse(void **state)
{
	static const char *const words[] = {"N01 --calls stall", "--timeline n01 stall",
		"--calls --timeline N01", "--calls --all N01 stall"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		stage_run(&stage, "report %s", words[i]);
		stage_expect(&stage, 2, "",
			"sockfix: report: a CODE goes with neither --calls nor --timeline; see "
			"sockfix report --help\n");
	}
	stage_run(&stage, "report --timeline=5 stall");
	stage_expect(&stage, 2, "",
		"sockfix: report: --timeline takes no value; see sockfix report --help\n");
	stage_run(&stage, "suggest --calls stall");
	assert_int_equal(stage.capture.status, 2);
}

static void a_terminal_of_80_columns(void **state)
{
	static const char *const option[] = {"--calls", "--timeline"};

	(void)state;
	stage_environment(&stage, "TERM=dumb");
	for (size_t i = 0; i < 2 * sizeof(option) / sizeof(*option); i++) {
		capture_terminal(
			&stage.capture, (const char *[]){stage.sockfix, "report", option[i / 2],
						i % 2 ? "full" : "stall", NULL});
		assert_int_equal(stage.capture.status, 0);
		for (const char *line = stage.capture.out; *line;) {
			const size_t length = strcspn(line, "\r\n");
			if (length > 80)
				fail_msg("%zu columns: %.*s", length, (int)length, line);
			line += length;
			line += strspn(line, "\r\n");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_calls_of_a_run),
		cmocka_unit_test(calls_that_were_only_counted),
		cmocka_unit_test(when_it_stalled),
		cmocka_unit_test(all_names_what_the_kernel_said),
		cmocka_unit_test(json_has_what_was_asked_for),
		cmocka_unit_test(both_and_other_options),
		cmocka_unit_test(misuse),
		cmocka_unit_test(a_terminal_of_80_columns),
	};

	return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
