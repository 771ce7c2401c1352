/* What other users may lay into root's folder while a run is recorded: it costs the recording
 * nothing but what they laid there, and of their files no more is kept than of the run's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "shim/trace_format.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/stage.h"
#include "tests/helper/trace_header.h"

static struct stage stage;

#define NAME "1-0123456789abcdef.trace"

/* Records a client, and then nobody's lines of sh in the folder. $LAID: a folder of his outside. */
static void record_with_guest(const char *options, const char *lines)
{
	char *text = stage_path(&stage, "guest.sh");

	capture_write(stage.folder, "guest.sh", lines, 0644);
	stage_shell(&stage,
		"chmod 755 .; mkdir -m 777 -p laid; $SOCKFIX record -q %s -o run -- sh -c '%s 3 1; "
		"cd $SOCKFIX_TRACE && setpriv --reuid 65534 --regid 65534 --clear-groups env "
		"LAID=%s/laid sh %s; true'",
		options, stage.client, stage.folder, text);
	free(text);
}

/* $LAID/valid: what a trace begins with, of a process that nothing is known of. */
static void write_valid(void)
{
	static union {
		struct trace_header header;
		char block[TRACE_BLOCK];
	} valid = {.header = {.blocks = 1, .capacity = 1}};
	char *laid = stage_path(&stage, "laid"), *path = stage_path(&stage, "laid/valid");
	FILE *file;

	trace_header_fill(&valid.header);
	MUST(mkdir(laid, 0777) == 0);
	file = fopen(path, "w");
	MUST(file && fwrite(&valid, sizeof(valid), 1, file) == 1 && fclose(file) == 0);
	MUST(chmod(path, 0644) == 0);
	free(path);
	free(laid);
}

static void expect_it_is_whole(void)
{
	char *err = must_print("%s", stage.capture.err);

	assert_int_equal(stage.capture.status, 0);
	stage_expect_nothing(&stage, "runtime");
	stage_run(&stage, "report run");
	if (!strstr(stage.capture.out, "   1 connection   1 peer\n") ||
		strstr(stage.capture.out, "NOT SURE"))
		fail_msg("%s%s%s", err, stage.capture.out, stage.capture.err);
	free(err);
}

/* A recording of another run, for nobody to take a trace from. */
static void record_another(void)
{
	stage_shell(&stage,
		"$SOCKFIX record -q -o other -- %s 3 1; install -m 755 -d laid; "
		"install -m 644 other/*.trace laid/old; sleep 1.2",
		stage.client);
	stage_expect(&stage, 0, "", "");
}

static void a_trace_of_another_run(void **state)
{
	(void)state;
	record_another();
	record_with_guest("", "cat $LAID/old >" NAME);
	expect_in(stage.capture.err,
		"sockfix: " NAME " of another user is left out: it is of a process that began "
		"before this run\n");
	expect_it_is_whole();
}

/* As it lies there, while the run goes on. */
static void a_report_meanwhile(void **state)
{
	(void)state;
	record_another();
	stage_shell(&stage,
		"chmod 755 laid .; $SOCKFIX record -q -o run -- sh -c 'cd $SOCKFIX_TRACE && "
		"setpriv "
		"--reuid 65534 --clear-groups env -i sh -c \"cat %s/laid/old >" NAME
		"\"; cd %s; %s 3 1; env -u LD_PRELOAD '$SOCKFIX' report $SOCKFIX_TRACE'",
		stage.folder, stage.folder, stage.client);
	expect_in(stage.capture.out, "   1 connection   1 peer\n");
	expect_in(stage.capture.out, "1 trace could NOT be read:");
}

/* Whoever opens a file that is under a lease waits, or is refused. Its holder is none of the run.
 */
static void under_a_lease(void **state)
{
	(void)state;
	record_another();
	capture_write(stage.folder, "holder.pl",
		"$SIG{IO} = 'IGNORE'; chdir 'laid'; select(undef, undef, undef, 0.01) until -s "
		"'where';\n"
		"open(W, '<', 'where'); chomp($where = <W>); open(O, '<', 'old'); read(O, $old, "
		"16384);\n"
		"open(N, '+>', \"$where/" NAME "\") or die; syswrite(N, $old); close(N);\n"
		"open(N, '+<', \"$where/" NAME "\"); fcntl(N, 1024, 1) or die;\n"
		"open(H, '>', 'held'); print H 1; close(H); sleep(60)\n",
		0644);
	stage_shell(&stage,
		"chmod 755 .; chmod 777 laid; setpriv --reuid 65534 --regid 65534 --clear-groups "
		"perl holder.pl & holder=$!; $SOCKFIX record -q -o run -- sh -c '%s 3 1; echo "
		"$SOCKFIX_TRACE >laid/now; mv laid/now laid/where; until test -s laid/held; do "
		"sleep 0.01; done'; status=$?; kill $holder; exit $status",
		stage.client);
	expect_in(stage.capture.err, "sockfix: " NAME " of another user is left out: ");
	expect_it_is_whole();
}

/* Who may not read a file may give it a name there, where the kernel lets him
 * (fs.protected_hardlinks); root can do so anywhere. */
static void another_name_of_our_file(void **state)
{
	(void)state;
	stage_shell(&stage,
		"truncate -s 1T large; echo secret >small; $SOCKFIX record -q -o run -- sh -c '%s "
		"3 "
		"1; ln large $SOCKFIX_TRACE/" NAME "; ln small $SOCKFIX_TRACE/small; ln "
		"$SOCKFIX_TRACE/run.json laid.json'; ls run; cat small",
		stage.client);
	expect_not_in(stage.capture.out, NAME);
	expect_not_in(stage.capture.out, "small");
	expect_in(stage.capture.out, "secret");
	expect_in(stage.capture.err, " of another user is left out: ");
	expect_it_is_whole();
}

/* What bears the names that record itself wants to use. */
static void names_of_ours(void **state)
{
	(void)state;
	record_with_guest("", "mkdir run.json.new recorder run.json run.json. 2>/dev/null; "
			      "mkfifo pool.new\n");
	expect_not_in(stage.capture.err, "cannot be written");
	expect_it_is_whole();
	stage_shell(&stage, "grep -c '\"ended\": [1-9]' run/run.json");
	stage_expect(&stage, 0, "1\n", "");
}

/* And COMMAND itself, as root. */
static void laid_by_command(void **state)
{
	(void)state;
	stage_shell(&stage,
		"$SOCKFIX record -q -o run -- sh -c '%s 3 1; cd $SOCKFIX_TRACE; mkfifo "
		"run.json.new a.trace; echo text >notes'; cat run/notes",
		stage.client);
	assert_string_equal(stage.capture.out, "text\n");
	stage.capture.out[0] = '\0';
	expect_it_is_whole();
	stage_shell(&stage,
		"rm -r run; $SOCKFIX record -q -o run -- sh -c '%s 3 1; cd $SOCKFIX_TRACE; rm "
		"run.json; mkdir run.json'",
		stage.client);
	stage_expect(&stage, 0, "", "");
	expect_it_is_whole();
	stage_shell(&stage,
		"$SOCKFIX record -q -o two -- sh -c 'cd $SOCKFIX_TRACE; mkdir -p mine/below; echo "
		"text >mine/below/file'; cat runtime/*/mine/below/file; test -e two/run.json");
	assert_int_equal(stage.capture.status, 0);
	assert_string_equal(stage.capture.out, "text\n");
	expect_in(stage.capture.err, "what else is in ");
}

static void more_than_the_limit(void **state)
{
	(void)state;
	write_valid();
	record_with_guest("--limit 1M", "for i in 0 1 2 3 4 5 6 7 8 9; do\n"
					"cat $LAID/valid >$i-0123456789abcdef.trace\n"
					"truncate -s 300K $i-0123456789abcdef.trace; done\n"
					"cat $LAID/valid >90-0123456789abcdef.trace\n"
					"truncate -s 1T 90-0123456789abcdef.trace\n");
	expect_in(stage.capture.err, " of another user is left out: ");
	expect_in(stage.capture.err, ", and 7 others\n");
	assert_int_equal(stage.capture.status, 0);
	stage_expect_nothing(&stage, "runtime");
	stage_shell(&stage, "ls run | grep -c 0123456789abcdef");
	stage_expect(&stage, 0, "3\n", "");
}

static void more_than_one_can_count(void **state)
{
	(void)state;
	write_valid();
	record_with_guest("--limit 1M",
		"perl -e 'open(F, \"<\", \"$ENV{LAID}/valid\"); read(F, $valid, 4096); for (1 .. "
		"9999) { open(F, \">\", \"$_-0123456789abcdef.trace\"); print F $valid; close F "
		"}'\n");
	expect_in(stage.capture.err, ", and 9934 others\n");
	assert_int_equal(stage.capture.status, 0);
	stage_expect_nothing(&stage, "runtime");
	stage_shell(&stage, "ls run | grep -c 0123456789abcdef");
	stage_expect(&stage, 0, "64\n", "");
}

/* Where no trace can be read a report says so and nothing else: that is nobody else's to bring
 * about. */
static void traces_that_are_none(void **state)
{
	(void)state;
	stage_shell(&stage,
		"chmod 755 .; $SOCKFIX record -q -o run -- setpriv --reuid 65534 --clear-groups sh "
		"-c 'cd $SOCKFIX_TRACE; printf SOCKFIXT >" NAME
		"; printf x >2-0123456789abcdef.trace; : >3-0123456789abcdef.trace'; $SOCKFIX "
		"report run");
	expect_in(stage.capture.out, "  no TCP connection was seen");
	expect_in(stage.capture.err, " of another user is left out: ");
}

static void folders_of_theirs(void **state)
{
	(void)state;
	record_with_guest("",
		"mkdir -p a/b/c/d " NAME "; touch a/file a/b/file; chmod 0 a/b; mkfifo a/fifo\n"
		"ln -s /etc a/link; mkdir d; cd d\n"
		"perl -e 'for (1 .. 3000) { mkdir \"x\"; chdir \"x\" } mkdir \"y\" x 255'\n");
	expect_in(stage.capture.err, " of another user is left out: ");
	expect_it_is_whole();
	stage_shell(&stage, "test -d /etc");
	assert_int_equal(stage.capture.status, 0);
}

/* A budget is of whom its name says: else who may make files there could speak for others. */
static void a_budget_of_somebody_else(void **state)
{
	static const char many[] =
		"print F \"SOCKFIXB\", pack(\"Q*\", 9, 5, 5, 5, 5, 5, 0), \"\\0\" x 3600'\n";
	char *theirs = must_print("perl -e 'open(F, \">\", \"budget-7\"); %scp budget-7 "
				  "budget-065534; cp budget-7 budget-65534.1\n",
		many);
	char *own = must_print("perl -e 'open(F, \"+<\", \"budget-65534\"); %s", many);

	(void)state;
	record_with_guest("", theirs);
	expect_in(stage.capture.err, " of another user is left out: ");
	expect_in(stage.capture.err, ", and 2 others\n");
	expect_it_is_whole();
	stage_shell(&stage, "ls run; rm -r run");
	expect_in(stage.capture.out, "budget-65534\nrun.json\n");
	/* his own he may write */
	record_with_guest("", own);
	stage_run(&stage, "report run");
	expect_in(stage.capture.out, "NOT SURE");
	free(own);
	free(theirs);
}

/* Names that no program of a run makes; and that a terminal would obey. */
static void odd_names(void **state)
{
	(void)state;
	record_with_guest("",
		"perl -e 'for (\"a\\nb\\e[2J.trace\", \"z\" x 249 . \".trace\", \".trace\", "
		"\"1-0123456789ABCDEF.trace\") { open(F, \">\", $_); print F \"SOCKFIXT\" x 512 "
		"}'\n");
	expect_in(stage.capture.err, " of another user is left out: no program of a run makes a "
				     "file of that name, and 3 others\n");
	expect_not_in(stage.capture.err, "\033");
	expect_it_is_whole();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(a_trace_of_another_run, &stage),
		STAGE_TEST(a_report_meanwhile, &stage),
		STAGE_TEST(under_a_lease, &stage),
		STAGE_TEST(another_name_of_our_file, &stage),
		STAGE_TEST(names_of_ours, &stage),
		STAGE_TEST(laid_by_command, &stage),
		STAGE_TEST(more_than_the_limit, &stage),
		STAGE_TEST(more_than_one_can_count, &stage),
		STAGE_TEST(traces_that_are_none, &stage),
		STAGE_TEST(folders_of_theirs, &stage),
		STAGE_TEST(a_budget_of_somebody_else, &stage),
		STAGE_TEST(odd_names, &stage),
	};

	need_for_all("root");
	return library_loads() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
