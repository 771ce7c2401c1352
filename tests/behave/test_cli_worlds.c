/* `sockfix record` in worlds that are too large, too small or shut: COMMAND prints, says and ends
 * as it does without it, and the report claims nothing that was not seen. */
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
#include "tests/helper/own.h"
#include "tests/helper/stage.h"

#define FULL                                                                                       \
	" % of the run): it was FULL (record\n"                                                    \
	"  --limit SIZE). What came after is counted, and not judged.\n"
#define SANDBOX "\n  One process went into a sandbox (seccomp, landlock): NOT seen from then on.\n"
#define REFUSED " could NOT be recorded: no room (--limit SIZE).\n"
#define NOT_ALL "\n  Too much was not seen to say that it is not the sockets.\n"
#define NOTHING "\n  NOT SURE.\n  No connection is in the recording, and not all of it is there.\n"

static struct stage stage;
static char *bin; /* of the victims */

static int set_up(void **state)
{
	stage_set_up(state);
	bin = build_path("victims");
	return 0;
}

static int tear_down(void **state)
{
	free(bin);
	return stage_tear_down(state);
}

/* Runs COMMAND bare, then recorded in a world that a line of sh makes around it, and leaves the
 * report in stage.capture.out. How COMMAND ends: with 0. */
static void record(const char *world, const char *options, const char *command)
{
	stage_shell(&stage,
		"mkdir -p runtime; %s >bare 2>bare.err; echo $? >>bare; rm -rf run; "
		"{ %s $SOCKFIX record -q -o run %s -- %s; } >with 2>with.err; echo $? >>with; "
		"cmp bare with && cmp bare.err with.err && tail -n 1 bare",
		command, world, options, command);
	stage_expect(&stage, 0, "0\n", "");
	stage_run(&stage, "report run");
	assert_int_equal(stage.capture.status, 0);
	stage_expect_nothing(&stage, "runtime");
}

static void record_victim(const char *world, const char *options, const char *victim)
{
	char *command = must_print("%s/%s", bin, victim);

	record(world, options, command);
	free(command);
}

/* ---- large ---- */

static void ten_thousand_connections_at_once(void **state)
{
	(void)state;
	record_victim("", "", "walled at-once 10000");
	expect_in(stage.capture.out, "   2 processes   20,000 connections   2 peers\n"
				     "  seen 100 % of its TCP bytes (kernel's count)  ");
}

static void thousands_of_forks(void **state)
{
	(void)state;
	record_victim("", "--limit 64M", "recorded forks 500");
	expect_in(stage.capture.out, "   501 processes   3,002 connections   2 peers\n"
				     "  seen 100 % of its TCP bytes (kernel's count)  ");
	/* 1,024 files of the least size. */
	record_victim("", "", "recorded forks 3000");
	expect_in(stage.capture.out, "   1,024 processes   6,140 connections   2 peers\n"
				     "  SEEN ONLY ");
	expect_in(stage.capture.out, "\n  1,977 processes" REFUSED);
	expect_in(stage.capture.out, NOT_ALL);
}

/* ---- shut from within ---- */

/* What is mapped goes on being written. The file cannot be opened again to grow, and what does not
 * fit goes to the run's pool. */
static void a_program_in_an_empty_root(void **state)
{
	(void)state;
	record_victim("", "", "walled chroot 10");
	expect_in(stage.capture.out, "   1 process   1 thread on sockets   4 connections   2 "
				     "peers\n  seen 100 % of its TCP bytes (kernel's count)  ");
	expect_not_in(stage.capture.out, FULL);
	record_victim("", "", "walled chroot 20000");
	expect_in(stage.capture.out, "   4 connections   2 peers\n"
				     "  seen 100 % of its TCP bytes (kernel's count)  ");
	expect_not_in(stage.capture.out, FULL);
	expect_not_in(stage.capture.out, NOT_ALL);
}

static void a_program_in_a_sandbox(void **state)
{
	(void)state;
	record_victim("", "", "walled landlock 100");
	expect_in(stage.capture.out, "   2 connections   2 peers\n");
	expect_in(stage.capture.out, SANDBOX "\n  NOT SURE. ");
	expect_in(stage.capture.out, NOT_ALL);
	stage_run(&stage, "report --format json run");
	expect_in(stage.capture.out, "\"not_recorded\": 1,");
	record_victim("", "", "recorded seccomp");
	expect_in(stage.capture.out, SANDBOX "\n  NOT SURE. ");
	record_victim("", "", "walled landlock-first 100");
	expect_in(stage.capture.out, "\n  no TCP connection was seen  ");
	expect_in(stage.capture.out, SANDBOX NOTHING);
}

/* ---- small ---- */

static void memory_without_room_for_one_file(void **state)
{
	(void)state;
	need("mounts");
	record_victim(OWN_MOUNTS
		"sh -c 'mount -t tmpfs -o size=16k none runtime && exec \"$@\"' sh",
		"", "recorded long 20000");
	expect_in(stage.capture.out, "\n  1 process" REFUSED NOTHING);
}

static void memory_without_room_for_anything(void **state)
{
	(void)state;
	need("mounts");
	stage_shell(&stage,
		OWN_MOUNTS "sh -c 'mount -t tmpfs -o size=4k none runtime; exec \"$@\"' sh "
			   "$SOCKFIX record -q -o run -- sh -c '%s 3 1; exit 7'",
		stage.client);
	assert_int_equal(stage.capture.status, 7);
	assert_string_equal(stage.capture.out, "");
	expect_in(stage.capture.err, "/run.json cannot be written: No space left on device\n");
	stage_shell(&stage, "ls run; $SOCKFIX report run");
	stage_expect(&stage, 1, "budget\n", "sockfix: run: there is no recording in it\n");
}

static void a_small_limit_on_files(void **state)
{
	(void)state;
	record_victim("ulimit -f 16;", "", "recorded long 20000"); /* of 512 bytes */
	expect_in(stage.capture.out, "\n  1 process" REFUSED NOTHING);
	record_victim("ulimit -f 128;", "", "recorded long 20000");
	expect_in(stage.capture.out, FULL "\n  NOT SURE. ");
}

/* ---- shut from without ---- */

static void a_read_only_root(void **state)
{
	char *left, *sentence;

	(void)state;
	need("mounts");
	capture_write(stage.folder, "world.sh",
		"set -e; cd $1; shift\n"
		"export XDG_RUNTIME_DIR=$PWD/memory/runtime\n"
		"! touch file /file 2>memory/refused; set +e\n"
		"$SOCKFIX record -q -o memory/run -- \"$@\"; echo $?\n"
		"$SOCKFIX report memory/run >memory/report; echo $?; head -n 3 memory/report\n"
		"$SOCKFIX record -q -- sh -c 'exit 7'; echo $?; ls memory/runtime\n",
		0644);
	capture_write(stage.folder, "root.sh",
		"set -e; mkdir root memory; mount --rbind / root; mount --bind $PWD root$PWD\n"
		"mount -t tmpfs none root$PWD/memory; mkdir root$PWD/memory/runtime\n"
		"mount -o remount,ro,bind root$PWD; mount -o remount,ro,bind root\n"
		"exec chroot root sh $PWD/world.sh $PWD \"$@\"\n",
		0644);
	stage_shell(&stage,
		"export SOCKFIX; " OWN_MOUNTS "sh root.sh %s/recorded long 100 >out 2>err; "
		"cat err >&2; grep -v '^sockfix report' out",
		bin);
	assert_int_equal(stage.capture.status, 0);
	left = strrchr(stage.capture.out, '-');
	assert_non_null(left);
	sentence = must_print(
		": Read-only file system; the recording stays in %s/memory/runtime/sockfix%s",
		stage.folder, left);
	expect_in(stage.capture.err, sentence);
	assert_ptr_equal(strchr(stage.capture.err, '\n'), strrchr(stage.capture.err, '\n'));
	expect_in(stage.capture.out, "\n0\n0\n");
	expect_in(stage.capture.out, "   2 connections   2 peers\n  seen 100 % ");
	expect_in(stage.capture.out, "\n7\nsockfix-");
	free(sentence);
}

static void someone_deletes_it_under_a_program(void **state)
{
	static const char deleter[] = "use IO::Socket; $| = 1; my ($port) = @ARGV;\n"
				      "my $s = IO::Socket::INET->new(\"127.0.0.1:$port\") or die;\n"
				      "sub talk { for (1 .. 3000) { syswrite($s, \"x\\n\"); "
				      "sysread($s, my $a, 9) or die } }\n"
				      "talk(); print \"$_\\n\" for glob('runtime/*'); system('rm "
				      "-rf runtime/*'); talk();\n"
				      "exit 3\n";
	char *sentence;

	(void)state;
	capture_write(stage.folder, "deleter.pl", deleter, 0644);
	stage_shell(&stage, "$SOCKFIX record -q -- perl deleter.pl %s", stage.port);
	stage.capture.out[strcspn(stage.capture.out, "\n")] = '\0';
	sentence = must_print("sockfix: %s/%s/run.json cannot be written: No such file or "
			      "directory\nsockfix: %s/%s is gone, and the recording with it\n",
		stage.folder, stage.capture.out, stage.folder, stage.capture.out);
	stage_expect(&stage, 3, NULL, sentence);
	free(sentence);
}

/* What COMMAND opens gets the numbers that it gets without us; no sentence of ours ends up there.
 */
static void streams_that_are_closed(void **state)
{
	static const char *const how[] = {
		"0<&-", "1>&-", "2>&-", "0<&- 1>&-", "0<&- 2>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-"};

	(void)state;
	capture_write(stage.folder, "opens.sh",
		"ls /proc/$$/fd >$1; shift; \"$@\" 9>&- || exit 99; exit 3\n", 0644);
	for (size_t i = 0; i < sizeof(how) / sizeof(*how); i++) {
		stage_shell(&stage,
			"sh opens.sh bare %s 3 1 %s; echo $?; rm -rf run; "
			"$SOCKFIX record -o run -- sh opens.sh with %s 3 1 2>>said >>said %s; "
			"echo $?; cmp bare with; $SOCKFIX report run | sed -n 2,3p",
			stage.client, how[i], stage.client, how[i]);
		assert_int_equal(stage.capture.status, 0);
		assert_string_equal(stage.capture.err, "");
		assert_memory_equal(stage.capture.out, "3\n3\n  ", 6);
		expect_in(stage.capture.out, "   1 connection   1 peer\n  seen 100 % ");
	}
}

#define TEST(name) cmocka_unit_test_prestate_setup_teardown(name, set_up, tear_down, &stage)

/* Whoever started us left children to the kernel, or listens to nobody. */
static void odd_parents(void **state)
{
	(void)state;
	stage_shell(&stage, "perl -e '$SIG{CHLD} = \"IGNORE\"; exec @ARGV' "
			    "$SOCKFIX record -q -- sh -c 'exit 7'");
	assert_int_equal(stage.capture.status, 7);
	stage_shell(&stage,
		"perl -e 'pipe(R, W); open(STDERR, \">&\", \\*W); close R; close W; exec @ARGV' "
		"$SOCKFIX record -- sh -c 'echo ran; exit 7'");
	stage_expect(&stage, 7, "ran\n", "");
}

/* What is no path is not looked at. */
static void an_exec_of_a_bad_pointer(void **state)
{
	(void)state;
	record("", "",
		"perl -e 'print syscall(59, $_, 0, 0), \" \", $! + 0, \"\\n\" for 1, 4, 8, -1'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ten_thousand_connections_at_once),
		TEST(thousands_of_forks),
		TEST(a_program_in_an_empty_root),
		TEST(a_program_in_a_sandbox),
		TEST(memory_without_room_for_one_file),
		TEST(memory_without_room_for_anything),
		TEST(a_small_limit_on_files),
		TEST(a_read_only_root),
		TEST(someone_deletes_it_under_a_program),
		TEST(streams_that_are_closed),
		TEST(odd_parents),
		TEST(an_exec_of_a_bad_pointer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
