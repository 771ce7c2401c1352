/* The command within small limits, which COMMAND has, too: COMMAND runs wherever it would run
 * without us, bare and with one line that says why, and --strict refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/stage.h"

static struct stage stage;

static int set_up(void **state)
{
	(void)state;
	stage_begin(&stage);
	capture_write(stage.folder, "still.c",
		"#include <unistd.h>\nint main(void) { return write(1, \"still\\n\", 6) == 6 ? 3 : 4; }\n",
		0644);
	stage_shell(&stage, "cc -static -o still still.c");
	stage_expect(&stage, 0, "", "");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stage_end(&stage);
	return 0;
}

/* A sanitized build starts within no such limit, one with libraries later than COMMAND. */
static bool is_static(void)
{
	char *path = build_path("linking"), *flags = must_read_file(path);
	const bool answer = strstr(flags, "-static") != NULL;

	free(path);
	free(flags);
	return answer;
}

static bool is_one_line(const char *text)
{
	const char *end = strchr(text, '\n');

	return end && !end[1];
}

/* sockfix HOW COMMAND within that limit of sh's ulimit. */
static void run_within(const char *option, unsigned limit, const char *how, const char *command)
{
	stage_shell(&stage, "ulimit -%s %u && exec %s %s", option, limit, how, command);
}

/* Whether COMMAND runs there without us; what it says and ends with. */
static bool runs_bare(const char *option, unsigned limit, const char *command)
{
	run_within(option, limit, "", command);
	return stage.capture.status < 126 && *stage.capture.out;
}

static void expect_as_bare(const char *option, unsigned limit, const char *how, const char *command)
{
	const int status = stage.capture.status;
	char *out = must_print("%s", stage.capture.out);

	run_within(option, limit, how, command);
	if (stage.capture.status != status || strcmp(stage.capture.out, out) != 0 ||
		(*stage.capture.err && !is_one_line(stage.capture.err)))
		fail_msg("ulimit -%s %u: %s %s ends with %d, not %d, and says:\n%s%s", option,
			limit, how, command, stage.capture.status, status, stage.capture.out,
			stage.capture.err);
	free(out);
}

/* Mended without a word, or refused in one line. */
static void expect_strict(const char *option, unsigned limit, const char *command)
{
	run_within(option, limit, "$SOCKFIX run --strict", command);
	if (!*stage.capture.err)
		return;
	assert_int_equal(stage.capture.status, 125);
	assert_string_equal(stage.capture.out, "");
	assert_true(is_one_line(stage.capture.err));
	expect_in(stage.capture.err, " is not run (--strict): ");
}

static void sweep(const char *option, const unsigned *limit, size_t limits, const char *command)
{
	for (size_t i = 0; i < limits; i++) {
		if (!runs_bare(option, limit[i], command))
			continue;
		expect_as_bare(option, limit[i], "$SOCKFIX run", command);
		runs_bare(option, limit[i], command);
		expect_as_bare(option, limit[i], "$SOCKFIX record -q", command);
		expect_strict(option, limit[i], command);
	}
}

#define SWEEP(option, limit, command)                                                              \
	sweep(option, limit, sizeof(limit) / sizeof(*(limit)), command)

/* KB. From where no program starts on, closely where they begin to; COMMANDs of several sizes. */
static void any_limit_on_memory(void **state)
{
	static const unsigned limit[] = {500, 1000, 1500, 1750, 2000, 2200, 2300, 2400, 2450, 2500,
		2550, 2600, 2700, 2800, 3000, 3250, 3500, 3750, 4000, 5000, 6000, 8000, 10000,
		12500, 15000, 20000, 30000, 50000, 64000, 65536, 66000, 80000, 200000, 2000000};

	(void)state;
	if (!is_static())
		return;
	SWEEP("v", limit, "/bin/echo ran");
	SWEEP("v", limit, "sh -c 'echo ran; exit 7'");
	SWEEP("v", limit, "perl -e 'print 6 * 7; exit 5'");
}

static void twenty_megabytes(void **state)
{
	static const char why[] =
		"the limit of 20000 KB on memory (ulimit -v) leaves no room for the library\n";
	char *said;

	(void)state;
	if (!is_static())
		return;
	said = must_print("sockfix: running sh without rules: %s", why);
	run_within("v", 20000, "$SOCKFIX run --", "sh -c 'echo \"[$LD_PRELOAD]\"; exit 7'");
	stage_expect(&stage, 7, "[]\n", said);
	free(said);
	said = must_print("sockfix: sh is not run (--strict): %s", why);
	run_within("v", 20000, "$SOCKFIX run --strict --", "sh -c 'echo ran'");
	stage_expect(&stage, 125, "", said);
	free(said);
	said = must_print("sockfix: running sh without recording it: %s", why);
	run_within("v", 20000, "$SOCKFIX record", "sh -c 'echo ran; exit 7'");
	stage_expect(&stage, 7, "ran\n", said);
	free(said);
	said = must_print("sockfix: sh is not run: %s", why);
	run_within("v", 20000, "$SOCKFIX prove", "sh -c 'echo ran'");
	stage_expect(&stage, 2, "", said);
	free(said);
}

static void any_limit_on_the_stack(void **state)
{
	static const unsigned limit[] = {16, 20, 24, 32, 48, 64, 128, 200, 256, 300, 512, 1024};

	(void)state;
	if (!is_static())
		return;
	SWEEP("s", limit, "/bin/echo ran");
	SWEEP("s", limit, "sh -c 'echo ran; exit 7'");
}

static void any_limit_on_descriptors(void **state)
{
	static const unsigned limit[] = {0, 1, 2, 3, 4, 5, 6, 8, 10, 64};

	(void)state;
	if (!is_static())
		return;
	for (size_t i = 0; i < sizeof(limit) / sizeof(*limit); i++) {
		run_within("n", limit[i], "$SOCKFIX run", "./still");
		assert_string_equal(stage.capture.out, "still\n");
		assert_int_equal(stage.capture.status, 3);
	}
	SWEEP("n", limit, "sh -c 'echo ran; exit 7'");
}

/* COMMAND then becomes what we are. Root may have any number. */
static void no_second_process(void **state)
{
	static const char how[] =
		"mkdir -p open && chmod 1777 open && cp $SOCKFIX ${SOCKFIX%/*}/libsockfix.so open "
		"&& "
		"export ASAN_OPTIONS=detect_leaks=0 && " /* its search is a process of its own */
		"export XDG_RUNTIME_DIR=$PWD/open XDG_STATE_HOME=$PWD/open/state && { ulimit -p 0 "
		"2>/dev/null || ulimit -u 0; } && "
		"exec setpriv --reuid 65534 --regid 65534 --clear-groups open/sockfix";

	(void)state;
	need("root");
	stage_shell(&stage, "%s record -q sh -c 'echo \"ran [$LD_PRELOAD]\"; exit 7'", how);
	stage_expect(&stage, 7, "ran []\n",
		"sockfix: cannot start a process: Resource temporarily unavailable\n"
		"sockfix: running sh without recording it\n");
	stage_shell(&stage, "%s record --strict -q sh -c 'echo ran'", how);
	stage_expect(&stage, 125, "",
		"sockfix: cannot start a process: Resource temporarily unavailable\n"
		"sockfix: sh is not run (--strict)\n");
	stage_shell(&stage, "%s run sh -c 'echo ran; exit 7'", how);
	stage_expect(&stage, 7, "ran\n", "");
}

/* What we write to a file, or to nobody, is not our end. */
static void a_line_that_cannot_be_written(void **state)
{
	static const char *const how[] = {"run -r /nowhere", "record -q -r /nowhere"};

	(void)state;
	for (size_t i = 0; i < sizeof(how) / sizeof(*how); i++) {
		stage_shell(&stage,
			"ulimit -f 0 && exec $SOCKFIX %s sh -c 'exit 7' 2>said >/dev/null", how[i]);
		assert_int_equal(stage.capture.status, 7);
		stage_shell(&stage,
			"mkfifo pipe && exec 3<>pipe 4>pipe 3<&- && exec $SOCKFIX %s sh -c 'exit "
			"7' "
			"2>&4; rm pipe",
			how[i]);
		assert_int_equal(stage.capture.status, 7);
		stage_shell(
			&stage, "rm -f pipe; exec $SOCKFIX %s sh -c 'exit 7' 2>/dev/full", how[i]);
		assert_int_equal(stage.capture.status, 7);
	}
}

/* What is just not too large for the kernel gets too large by what we put there. */
static void an_environment_that_is_full(void **state)
{
	static const char filler[] =
		"my ($from, @how) = @ARGV; for (my $n = $from; $n > 2000000; $n -= 25) {\n"
		"my %e = (PATH => $ENV{PATH}, XDG_STATE_HOME => 'state'); my $left = $n;\n"
		"for (my $i = 100; $left > 0; $i++) { my $part = $left > 100000 ? 100000 : $left;\n"
		"$e{\"V$i\"} = 'x' x $part; $left -= $part; }\n"
		"local %ENV = %e; system(@how) != -1 or next; exit($? >> 8); }\n";
	char *whole;

	(void)state;
	capture_write(stage.folder, "fill.pl", filler, 0644);
	whole = must_print("ulimit -s 8192; exec perl fill.pl 2097000 $SOCKFIX run");
	stage_shell(&stage, "%s sh -c 'echo ran; exit 7'", whole);
	stage_expect(&stage, 7, "ran\n",
		"sockfix: running sh without rules: with the rules its environment is too large "
		"(Argument list too long)\n");
	stage_shell(&stage, "%s --strict sh -c 'echo ran; exit 7'", whole);
	stage_expect(&stage, 125, "",
		"sockfix: sh is not run (--strict): with the rules its environment is too large "
		"(Argument list too long)\n");
	free(whole);
}

/* libconfig looks at no malloc(): it would crash. */
static void rules_that_need_more_memory_than_there_is(void **state)
{
	static const char said[] =
		"sockfix: running sh without rules: there is no memory for the rules\n";

	(void)state;
	if (!is_static())
		return;
	stage_shell(&stage, "{ echo 'leave_alone = ('; for i in 1 2 3 4 5 6 7 8; do s=\"$s{ port = "
			    "((((1)))); },\"; "
			    "done; i=0; while [ $i -lt 5000 ]; do echo \"$s\"; i=$((i+1)); done; "
			    "echo '{ port = 1; "
			    "});'; } >large.conf; wc -c <large.conf");
	stage_expect(&stage, 0, NULL, "");
	for (unsigned limit = 66000; limit < 200000; limit += 16000) {
		run_within("v", limit, "$SOCKFIX run -r large.conf", "sh -c 'echo ran; exit 7'");
		stage_expect(&stage, 7, "ran\n", said);
	}
	run_within("v", 66000, "$SOCKFIX run --strict -r large.conf", "sh -c 'echo ran'");
	stage_expect(&stage, 125, "",
		"sockfix: sh is not run (--strict): there is no memory for the rules\n");
	run_within("v", 66000, "$SOCKFIX check", "large.conf");
	stage_expect(&stage, 2, "", "sockfix: out of memory\n");
}

/* Whatever it is: here it asks for a user's number, and is killed by who should answer. */
static void a_crash_of_ours(void **state)
{
	static const char *const number[] = {"SEGV", "BUS", "ILL", "FPE", "ABRT"};
	char *said, *bare;

	(void)state;
	/* A sanitized build must leave the signals to us. */
	stage_environment(&stage, "ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:handle_sigfpe=0");
	stage_shell(&stage, "exec grep -E 'SigBlk|SigIgn' /proc/self/status");
	bare = must_print("%s", stage.capture.out);
	capture_write(stage.folder, "getent", "#!/bin/sh\nkill -$SIGNAL $PPID\n", 0755);
	capture_write(stage.folder, "user.conf",
		"a: { match: { user = \"nobody-knows\"; }; set: { so_priority = 1; }; };\n", 0644);
	for (size_t i = 0; i < sizeof(number) / sizeof(*number); i++) {
		stage_shell(&stage,
			"export SIGNAL=%s PATH=$PWD:$PATH; exec $SOCKFIX run -r user.conf sh -c "
			"'grep "
			"-E \"SigBlk|SigIgn\" /proc/self/status; exit 7'",
			number[i]);
		assert_int_equal(stage.capture.status, 7);
		assert_string_equal(stage.capture.out, bare);
		expect_in(stage.capture.err,
			"sockfix: running sh without rules: sockfix failed (signal ");
		assert_true(is_one_line(stage.capture.err));
	}
	said = must_print("export SIGNAL=SEGV PATH=$PWD:$PATH; exec $SOCKFIX");
	stage_shell(&stage, "%s run --strict -r user.conf echo ran", said);
	stage_expect(&stage, 125, "",
		"sockfix: echo is not run (--strict): sockfix failed (signal 11)\n");
	stage_shell(&stage, "%s record -q -r user.conf echo ran", said);
	stage_expect(&stage, 0, "ran\n",
		"sockfix: running echo without recording it: sockfix failed (signal 11)\n");
	free(said);
	free(bare);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(any_limit_on_memory),
		TEST(twenty_megabytes),
		TEST(any_limit_on_the_stack),
		TEST(any_limit_on_descriptors),
		TEST(no_second_process),
		TEST(a_line_that_cannot_be_written),
		TEST(an_environment_that_is_full),
		TEST(rules_that_need_more_memory_than_there_is),
		TEST(a_crash_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
