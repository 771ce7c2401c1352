/* `sockfix report`: which run is taken, what is said of recordings that are none, damaged or mixed,
 * one finding in full, JSON against its schema, and the exit statuses. What is found in which
 * recording is decided in tests/unit; here all have one habit (stall) or none (no). */
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
static char *trace;  /* the name of the only one in stall */
static char *schema; /* its path */
static int port;

/* One process that stalls, beside three that wait for its end. */
static const char crowd_text[] =
	"use IO::Socket; my ($port, $turns) = @ARGV; pipe(my $in, my $out); my $s;\n"
	"sub dial { $s = IO::Socket::INET->new(\"127.0.0.1:$port\") or die }\n"
	"sub turn { syswrite($s, 'x' x 100) if $_[0]; syswrite($s, \"x\\n\");\n"
	"	sysread($s, my $answer, 9) or die }\n"
	"for (1 .. 3) { next if fork; close $out; dial(); turn(); sysread($in, my $x, 1); exit }\n"
	"dial(); turn(1) for 1 .. $turns; close $out; 1 while wait != -1;\n";

/* check.py JSON TEXT SCHEMA: says what of the codes of TEXT, which is of --all, is not in JSON or
 * the other way round, the verdict of both, and whether there is a bound. */
static const char check_text[] =
	"import json, jsonschema, re, sys\n"
	"report, text, schema = (open(name).read() for name in sys.argv[1:])\n"
	"report, schema = json.loads(report), json.loads(schema)\n"
	"jsonschema.Draft7Validator.check_schema(schema)\n"
	"jsonschema.Draft7Validator(schema).validate(report)\n"
	"assert text.count('\\n  ' + report['verdict'] + '.') == 1\n"
	"rows = re.findall(r'^  .*(?:proven|likely|possible) +([A-Z]\\d\\d) ', text, re.M)\n"
	"rows += re.findall(r'^  (?:where it is)? +(A\\d\\d)  ', text, re.M)\n"
	"assert sorted(rows) == sorted(f['code'] for f in report['findings']), rows\n"
	"print(report['verdict'], 'N01' in rows, type(report['bound_ns']).__name__)\n";

static int group_set_up(void **state)
{
	(void)state;
	schema = realpath("tools/show/report.schema.json", NULL);
	assert_non_null(schema);
	stage_begin(&stage);
	port = atoi(stage.port);
	capture_write(stage.folder, "crowd.pl", crowd_text, 0644);
	capture_write(stage.folder, "check.py", check_text, 0644);
	stage_run(&stage, "record -q -o stall -- %s 60 2", stage.client);
	stage_expect(&stage, 0, "", "");
	stage_run(&stage, "record -q -o no -- %s 40 1", stage.client);
	stage_expect(&stage, 0, "", "");
	stage_shell(&stage, "cd stall; printf %%s *.trace");
	trace = must_print("%s", stage.capture.out);
	return 0;
}

static int group_tear_down(void **state)
{
	(void)state;
	stage_end(&stage);
	free(schema);
	free(trace);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	stage_shell(&stage, "rm -rf state x; cp -r stall x");
	return stage.capture.status;
}

/* Nothing on stdout, one sentence on stderr. */
__attribute__((format(printf, 2, 3))) static void expect_said(int status, const char *format, ...)
{
	char sentence[4096];
	va_list list;

	va_start(list, format);
	MUST(vsnprintf(sentence, sizeof(sentence), format, list) < (int)sizeof(sentence));
	va_end(list);
	stage_expect(&stage, status, "", sentence);
}

/* ---- which run ---- */

static void the_newest_run_is_taken_and_named(void **state)
{
	char *said, *end;

	(void)state;
	stage_run(&stage, "report");
	expect_said(1, "sockfix: there is no recording yet; sockfix record -- COMMAND makes one\n");
	stage_run(&stage, "record -q -- %s 40 2", stage.client);
	stage_run(&stage, "record -- true newest");
	said = strstr(stage.capture.err, "sockfix: recorded: ");
	assert_non_null(said);
	said = must_print("%s", said + strlen("sockfix: recorded: "));
	end = strchr(said, '\n');
	*end = '\0';
	stage_run(&stage, "report");
	assert_int_equal(stage.capture.status, 0);
	end = must_print("sockfix: the newest run: %s\n", said);
	assert_string_equal(stage.capture.err, end);
	expect_in(stage.capture.out, "sockfix report   true newest ");
	stage_run(&stage, "report N01");
	free(end);
	end = must_print("sockfix: the newest run: %s\nsockfix: N01 was not found in %s; sockfix "
			 "report prints what was\n",
		said, said);
	stage_expect(&stage, 1, "", end);
	free(end);
	free(said);
}

static void the_newest_run_is_broken(void **state)
{
	char *folder = must_print("%s/state/sockfix/dead", stage.folder);

	(void)state;
	stage_shell(&stage, "mkdir -p state/sockfix/dead state/sockfix/none; echo '{' "
			    ">state/sockfix/dead/run.json");
	stage_run(&stage, "report");
	expect_said(1,
		"sockfix: the newest run: %s\nsockfix: %s/run.json:2: string or '}' expected near "
		"end of file\n",
		folder, folder);
	stage_run(&stage, "suggest");
	expect_said(1,
		"sockfix: the newest run: %s\nsockfix: %s/run.json:2: string or '}' expected near "
		"end of file\n",
		folder, folder);
	free(folder);
}

/* The commands that come next can be pasted, whatever the folder's name is. */
static void a_folder_of_any_name(void **state)
{
	(void)state;
	stage_shell(&stage, "cp -r stall 'a b'; $SOCKFIX report 'a b'; $SOCKFIX report ./a\\ b/");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "\n  next  sockfix suggest 'a b' > my.conf ");
	expect_in(stage.capture.out, "\n        sockfix report N01 'a b' ");
	expect_in(stage.capture.out, "\n        sockfix report N01 './a b/' ");
}

/* A code stays one beside a folder of its name, in either case; ./ and what is no code are folders.
 */
static void a_folder_named_like_a_code(void **state)
{
	static const char *const code[] = {"N01", "n01", "N01 stall", "n01 N01"};
	static const char *const folder[] = {"./N01", "./n01", "n99"};

	(void)state;
	stage_shell(&stage,
		"cp -r stall N01; cp -r no n01; cp -r stall n99; $SOCKFIX record -q -- "
		"%s 40 2",
		stage.client);
	for (size_t i = 0; i < sizeof(code) / sizeof(*code); i++) {
		stage_run(&stage, "report %s", code[i]);
		assert_int_equal(stage.capture.status, 0);
		assert_memory_equal(stage.capture.out, "N01  a small write ", 19);
	}
	for (size_t i = 0; i < sizeof(folder) / sizeof(*folder); i++) {
		stage_run(&stage, "report %s", folder[i]);
		assert_int_equal(stage.capture.status, 0);
		assert_memory_equal(stage.capture.out, "sockfix report   perl client.pl ", 32);
	}
	stage_run(&stage, "report c01 N01");
	expect_said(1, "sockfix: C01 was not found in N01; sockfix report ./N01 prints what was\n");
	stage_run(&stage, "report --help");
	expect_in(stage.capture.out, "./N01.");
	stage_shell(&stage, "rm -r N01 n01 n99");
}

/* ---- what is no recording ---- */

static void not_there_empty_or_a_file(void **state)
{
	(void)state;
	stage_run(&stage, "report nosuch");
	expect_said(1, "sockfix: nosuch: there is no such directory\n");
	stage_shell(&stage, "mkdir -p empty; $SOCKFIX report empty");
	expect_said(1, "sockfix: empty: there is no recording in it\n");
	stage_run(&stage, "report client.pl");
	expect_said(1, "sockfix: client.pl: not a directory\n");
	stage_run(&stage, "report stall/%s", trace);
	expect_said(1, "sockfix: stall/%s: not a directory\n", trace);
}

static void a_trace_that_is_cut_off_in_its_head(void **state)
{
	static const int length[] = {1, 11, 12, 100, 4095};

	(void)state;
	stage_shell(&stage, "truncate -s 0 x/*.trace; $SOCKFIX report x");
	expect_said(1, "sockfix: x/%s: empty, 0 bytes\n", trace);
	for (size_t i = 0; i < sizeof(length) / sizeof(*length); i++) {
		stage_shell(&stage,
			"cp stall/*.trace x; truncate -s %d x/*.trace; $SOCKFIX report x",
			length[i]);
		expect_said(1, "sockfix: x/%s: cut off at %d of 4096 bytes\n", trace, length[i]);
	}
}

/* What is there is reported; a 'no' it never is. The proof stays one. */
static void a_trace_that_is_cut_off_later(void **state)
{
	static const char cut[] = "\n  A trace is cut off: what follows is of what is there.\n";

	(void)state;
	stage_shell(&stage, "truncate -s 4096 x/*.trace; $SOCKFIX report x");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, cut);
	expect_in(stage.capture.out, "\n  NOT SURE.\n  No connection is in the recording, and not "
				     "all of it is there.\n");
	expect_not_in(stage.capture.out, "\n  next ");
	stage_shell(&stage, "cp stall/*.trace x; truncate -s 8192 x/*.trace; $SOCKFIX report x");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, cut);
	expect_in(stage.capture.out,
		"\n  NOT SURE. Nothing that was seen looks like a stall.\n  Too "
		"much was not seen to say that it is not the sockets.\n");
	stage_shell(&stage, "cp stall/*.trace x; truncate -s 16384 x/*.trace; $SOCKFIX report x");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, cut);
	expect_in(stage.capture.out, "\n  STALLED. ");
}

static void a_trace_that_is_gone(void **state)
{
	(void)state;
	stage_shell(&stage, "rm x/*.trace; $SOCKFIX report x");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out,
		"\n  1 trace is MISSING: it was made, and is not here.\n\n  NOT SURE.\n  No "
		"connection is in the recording, and not all of it is there.\n");
}

static void other_versions_and_other_files(void **state)
{
	(void)state;
	stage_shell(&stage,
		"printf '\\004' | dd of=x/%s bs=1 seek=8 conv=notrunc status=none; "
		"$SOCKFIX report x",
		trace);
	expect_said(1, "sockfix: x/%s: written by trace format 4; this sockfix reads 3\n", trace);
	stage_shell(&stage, "head -c 8192 /dev/zero >x/%s; $SOCKFIX report x", trace);
	expect_said(1, "sockfix: x/%s: not a trace of sockfix\n", trace);
	stage_shell(&stage, "rm x/run.json; $SOCKFIX report x");
	expect_said(1, "sockfix: x/%s: not a trace of sockfix\n", trace);
	stage_shell(&stage, "cp stall/* x; sed -i 's/\"version\": 1/\"version\": 2/' x/run.json; "
			    "$SOCKFIX report x");
	expect_said(1, "sockfix: x/run.json: written by run format 2; this sockfix reads 1\n");
	stage_shell(&stage, ": >x/run.json; $SOCKFIX report x");
	expect_said(1, "sockfix: x/run.json:1: '[' or '{' expected near end of file\n");
}

/* One that cannot be read does not hide the others. */
static void a_broken_trace_beside_a_good_one(void **state)
{
	(void)state;
	stage_shell(&stage, "echo >x/0-0.trace; $SOCKFIX report x");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out,
		"\n  1 trace could NOT be read: x/0-0.trace: cut off at 1 of 4096 bytes\n");
	expect_in(stage.capture.out, "\n  STALLED. ");
}

static void two_runs_in_one_folder(void **state)
{
	(void)state;
	stage_shell(&stage, "cp no/run.json x; $SOCKFIX report x");
	expect_said(1, "sockfix: x/%s: it is of a process that began before this run\n", trace);
}

static void without_run_json(void **state)
{
	char *line = must_print("sockfix report   %s 60 2 ", stage.client);

	(void)state;
	stage_shell(&stage, "rm x/run.json; $SOCKFIX report x");
	assert_int_equal(stage.capture.status, 0);
	assert_memory_equal(stage.capture.out, line, strlen(line));
	expect_in(stage.capture.out, "\n  STALLED. ");
	free(line);
}

/* ---- one finding ---- */

static void one_finding_in_full(void **state)
{
	char *head =
		must_print("N01  a small write waits for the peer's delayed ACK (write, write, "
			   "read)\n\n  at         127.0.0.1:%d, 1 connection\n  seen       2 "
			   "small writes, then a read: ",
			port);
	char *fix =
		must_print("\n  fix        a rule:\n    n01-127-0-0-1-%d:\n      { match: { role "
			   "= \"client\"; peer = \"127.0.0.1\"; port = %d; };\n        set:   { "
			   "coalesce = \"auto\"; }; };\n  or         ",
			port, port);
	char *first;

	(void)state;
	stage_run(&stage, "report N01 stall");
	assert_int_equal(stage.capture.status, 0);
	assert_string_equal(stage.capture.err, "");
	assert_memory_equal(stage.capture.out, head, strlen(head));
	expect_in(stage.capture.out, "\n  sure       proven (");
	expect_in(stage.capture.out, " ms  write          100 B\n");
	expect_in(stage.capture.out, " ms  write            2 B   HELD by the kernel\n");
	expect_in(stage.capture.out, fix);
	expect_in(stage.capture.out, "\n  more       sockfix explain N01\n");
	first = must_print("%s", stage.capture.out);
	stage_run(&stage, "report n01 stall");
	stage_expect(&stage, 0, first, "");
	free(first);
	free(fix);
	free(head);
}

static void no_such_finding(void **state)
{
	(void)state;
	stage_run(&stage, "report N99 stall");
	expect_said(2, "sockfix: there is no finding N99; sockfix list codes prints them\n");
	stage_run(&stage, "report n99");
	expect_said(2, "sockfix: there is no finding N99; sockfix list codes prints them\n");
	stage_run(&stage, "report c01 stall");
	expect_said(
		1, "sockfix: C01 was not found in stall; sockfix report stall prints what was\n");
	stage_run(&stage, "report N01 --format json stall");
	expect_said(2, "sockfix: report: a CODE goes with neither --format json nor --fail-over; "
		       "see sockfix report --help\n");
	stage_run(&stage, "report N01 --fail-over 5 stall");
	expect_said(2, "sockfix: report: a CODE goes with neither --format json nor --fail-over; "
		       "see sockfix report --help\n");
}

/* ---- formats ---- */

static void json_is_what_the_schema_says_and_the_text(void **state)
{
	static const struct {
		const char *run, *line;
	} table[] = {{"stall", "STALLED True int\n"}, {"no", "IT IS NOT THE SOCKETS False int\n"},
		{"cut", "NOT SURE False NoneType\n"}, {"killed", "NOT SURE False NoneType\n"}};

	(void)state;
	stage_shell(&stage,
		"cp -r stall cut; truncate -s 8192 cut/*.trace; $SOCKFIX record -q -o "
		"killed -- perl -MIO::Socket -e '$s = "
		"IO::Socket::INET->new(\"127.0.0.1:$ARGV[0]\"); "
		"syswrite($s, \"x\\n\"); sysread($s, $answer, 9); kill 9, $$' %d",
		port);
	assert_int_equal(stage.capture.status, 128 + 9);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		stage_shell(&stage,
			"$SOCKFIX report --format json %s >json; $SOCKFIX report --all %s >text; "
			"/usr/bin/python3 check.py json text %s",
			table[i].run, table[i].run, schema);
		stage_expect(&stage, 0, table[i].line, "");
	}
}

static void text_is_the_default(void **state)
{
	char *text;

	(void)state;
	stage_run(&stage, "report stall");
	text = must_print("%s", stage.capture.out);
	stage_run(&stage, "report --format text stall");
	stage_expect(&stage, 0, text, "");
	free(text);
	stage_run(&stage, "report --format xml stall");
	expect_said(2,
		"sockfix: report: --format takes text, json, html or perfetto, not 'xml'; see sockfix report "
		"--help\n");
	stage_run(&stage, "report --format");
	expect_said(2,
		"sockfix: report: --format needs a value: text|json|html|perfetto; see sockfix report "
		"--help\n");
}

static void all_shows_the_innocents_too(void **state)
{
	(void)state;
	stage_run(&stage, "report stall");
	expect_not_in(stage.capture.out, "\n  why not the net ");
	stage_run(&stage, "report --all stall");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "\n  STALLED. ");
	expect_in(stage.capture.out, "\n  why not the net ");
	expect_not_in(stage.capture.out, ": --all\n");
	stage_run(&stage, "report no");
	expect_in(stage.capture.out,
		"\n  why not stalled  one write a turn, 40 of 40: nothing waits for an ACK\n");
}

/* ---- exit statuses ---- */

static void fail_over(void **state)
{
	static const struct {
		const char *words;
		int status;
	} table[] = {{"5 stall", 1}, {"5% stall", 1}, {"0.5 stall", 1}, {"0 stall", 1},
		{"100 stall", 0}, {"100% stall", 0}, {".5 stall", 1}, {"5 no", 0}, {"0 no", 0},
		{"5 x", 2}};
	static const char *const bad[] = {"x", "-1", "5%%", "5x", "%", "nan", "200", "100.1", "inf",
		"0x10", "1e1", "+5", "1.2.3", ".", "", " 5", "5 %"};

	(void)state;
	stage_shell(&stage, "truncate -s 8192 x/*.trace");
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		stage_run(&stage, "report --fail-over %s", table[i].words);
		assert_string_equal(stage.capture.err, "");
		assert_memory_equal(stage.capture.out, "sockfix report   perl client.pl ", 32);
		assert_int_equal(stage.capture.status, table[i].status);
		stage_run(&stage, "report --format json --fail-over %s", table[i].words);
		assert_int_equal(stage.capture.status, table[i].status);
	}
	stage_run(&stage, "report --fail-over 5 nosuch");
	expect_said(2, "sockfix: nosuch: there is no such directory\n");
	stage_run(&stage, "report --format json --fail-over 100 client.pl");
	expect_said(2, "sockfix: client.pl: not a directory\n");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		stage_shell(&stage, "$SOCKFIX report --fail-over '%s' stall", bad[i]);
		expect_said(2,
			"sockfix: report: --fail-over takes a percentage from 0 to 100 such as 5, "
			"not '%s'; see sockfix report --help\n",
			bad[i]);
	}
}

/* The share is the one that the screen shows: of all four processes together. */
static void fail_over_with_several_processes(void **state)
{
	(void)state;
	stage_run(&stage, "record -q -o crowd -- perl crowd.pl %d 40", port);
	stage_expect(&stage, 0, "", "");
	stage_run(&stage, "report --fail-over 50 crowd");
	expect_in(stage.capture.out, "\n  STALLED. ");
	expect_in(stage.capture.out, "\n  %RUN is of ");
	expect_in(stage.capture.out, ", the 4 processes together.\n");
	assert_int_equal(stage.capture.status, 0);
	stage_run(&stage, "report --fail-over 5 crowd");
	assert_int_equal(stage.capture.status, 1);
}

static void misuse(void **state)
{
	(void)state;
	stage_run(&stage, "report stall no more");
	stage_expect(&stage, 2, "",
		"sockfix: report: two folders at most, not 'stall', 'no' and more; see sockfix "
		"report --help\n");
	stage_run(&stage, "report N01 stall no");
	stage_expect(&stage, 2, "",
		"sockfix: report: a CODE, --calls and --timeline go with one folder, not 'stall' "
		"and 'no'; see sockfix report --help\n");
	stage_run(&stage, "report --al1 stall");
	expect_said(2, "sockfix: '--al1' is not an option of report; did you mean '--all'?\n");
}

static void stdout_that_is_full(void **state)
{
	static const char *const words[] = {
		"stall", "--all no", "--format json stall", "N01 stall", "--fail-over 5 stall"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		stage_shell(&stage, "$SOCKFIX report %s >/dev/full", words[i]);
		expect_said(2, "sockfix: cannot write to stdout: No space left on device\n");
	}
}

/* ---- the terminal ---- */

static void show_on_terminal(const char *first, const char *second)
{
	capture_terminal(
		&stage.capture, (const char *[]){stage.sockfix, "report", first, second, NULL});
	assert_int_equal(stage.capture.status, 0);
}

static void expect_width(size_t most)
{
	for (const char *line = stage.capture.out; *line; line += line[strcspn(line, "\n")] != 0) {
		const size_t length = strcspn(line, "\r\n");

		if (length > most)
			fail_msg("%zu columns: %.*s", length, (int)length, line);
		line += strcspn(line, "\n");
	}
}

static void a_terminal_of_80_columns(void **state)
{
	(void)state;
	stage_environment(&stage, "TERM=dumb");
	show_on_terminal("--all", "stall");
	expect_width(80);
	show_on_terminal("--all", "no");
	expect_width(80);
	show_on_terminal("N01", "stall");
	expect_width(80);
	expect_not_in(stage.capture.out, "\033");
	stage_environment(&stage, "TERM=xterm");
	show_on_terminal("--all", "stall");
	expect_in(stage.capture.out, "\n  \033[1mSTALLED.\033[0m ");
	stage_environment(&stage, "NO_COLOR=1");
	show_on_terminal("--all", "stall");
	expect_in(stage.capture.out, "\n  STALLED. ");
	stage_environment(&stage, "COLUMNS=60");
	stage_run(&stage, "report N01 stall");
	expect_in(
		stage.capture.out, "\n  risk       Not where one write must be one segment (PLC\n");
}

/* The bar tells. */
static void expect_screen(uint16_t terminal, size_t screen)
{
	stage.capture.columns = terminal;
	show_on_terminal("--all", "stall");
	stage.capture.columns = 0;
	expect_width(screen);
	const char *bar = strstr(stage.capture.out, "\n  |");
	assert_non_null(bar);
	assert_int_equal(strcspn(bar + 1, "\r\n"), screen - 12);
}

static void as_wide_as_the_terminal_or_as_it_is_told(void **state)
{
	(void)state;
	stage_environment(&stage, "TERM=dumb");
	stage_environment(&stage, "COLUMNS");
	expect_screen(40, 60);
	expect_screen(60, 60);
	expect_screen(133, 133);
	expect_screen(500, 200);
	stage_environment(&stage, "COLUMNS=70");
	expect_screen(133, 70);
	stage_environment(&stage, "COLUMNS=9");
	expect_screen(133, 60);
	stage_environment(&stage, "COLUMNS=x");
	expect_screen(133, 133);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_newest_run_is_taken_and_named),
		TEST(the_newest_run_is_broken),
		TEST(a_folder_of_any_name),
		TEST(a_folder_named_like_a_code),
		TEST(not_there_empty_or_a_file),
		TEST(a_trace_that_is_cut_off_in_its_head),
		TEST(a_trace_that_is_cut_off_later),
		TEST(a_trace_that_is_gone),
		TEST(other_versions_and_other_files),
		TEST(a_broken_trace_beside_a_good_one),
		TEST(two_runs_in_one_folder),
		TEST(without_run_json),
		TEST(one_finding_in_full),
		TEST(no_such_finding),
		TEST(json_is_what_the_schema_says_and_the_text),
		TEST(text_is_the_default),
		TEST(all_shows_the_innocents_too),
		TEST(fail_over),
		TEST(fail_over_with_several_processes),
		TEST(misuse),
		TEST(stdout_that_is_full),
		TEST(a_terminal_of_80_columns),
		TEST(as_wide_as_the_terminal_or_as_it_is_told),
	};

	return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
