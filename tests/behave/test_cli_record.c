/* `sockfix record`: what COMMAND notices of it (nothing), what it says, how it ends. Where the
 * recording is afterwards is in test_cli_kept.c, what its files hold in test_trace.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/stage.h"

/* talker.pl PORT [SIGNALS]: has 30 turns, says its PID, waits for a signal, has 30 turns more.
 * Those of SIGNALS end it by a handler. */
static const char talker_text[] =
	"use IO::Socket; use POSIX; $| = 1; my ($port, $signals) = @ARGV;\n"
	"sigprocmask(SIG_BLOCK, my $all = POSIX::SigSet->new(1 .. 15));\n"
	"$SIG{$_} = sub { print \"got $_[0]\\n\"; exit 5 } for split /,/, $signals // '';\n"
	"$SIG{USR2} = sub { print \"go on\\n\" } unless $signals;\n"
	"my $s = IO::Socket::INET->new(\"127.0.0.1:$port\") or die;\n"
	"sub talk { for (1 .. 30) { syswrite($s, \"x\\n\"); sysread($s, my $a, 9) or die } }\n"
	"talk(); print \"$$\\n\"; POSIX::sigsuspend(POSIX::SigSet->new); talk();\n";

/* drive.pl SIGNAL WHOM COMMAND...: sends it to COMMAND or to the PID that COMMAND says first, and
 * tells how COMMAND ended. Who is left over is looked at by $MEANWHILE and told to go on. */
static const char drive_text[] =
	"$| = 1; my ($signal, $whom, @command) = @ARGV; pipe(my $out, my $end);\n"
	"my $pid = fork; if (!$pid) { open(STDOUT, '>&', $end); exec @command or die }\n"
	"close $end; my $victim = <$out>; kill $signal, $whom eq 'command' ? $pid : $victim;\n"
	"waitpid $pid, 0; printf \"signal %d, exit %d\\n\", $? & 127, $? >> 8;\n"
	"system($ENV{MEANWHILE}), kill('USR2', $victim) if $ENV{MEANWHILE}; print <$out>;\n";

static struct stage stage;
static int port;

static int set_up(void **state)
{
	stage_set_up(state);
	port = atoi(stage.port);
	capture_write(stage.folder, "talker.pl", talker_text, 0644);
	capture_write(stage.folder, "drive.pl", drive_text, 0644);
	return 0;
}

/* ---- what COMMAND notices ---- */

static void its_exit_status_is_ours(void **state)
{
	static const int status[] = {0, 1, 7, 125, 255};

	(void)state;
	for (size_t i = 0; i < sizeof(status) / sizeof(*status); i++) {
		stage_shell(&stage, "$SOCKFIX record -q -- sh -c 'exit %d'", status[i]);
		stage_expect(&stage, status[i], "", "");
	}
}

static void drive(const char *signal, const char *whom, const char *signals)
{
	stage_shell(&stage, "perl drive.pl %s %s $SOCKFIX record -q -o %s -- perl talker.pl %d %s",
		signal, whom, signal, port, signals);
}

static void its_signal_ends_us(void **state)
{
	static const struct {
		const char *name;
		int number;
	} table[] = {{"KILL", 9}, {"TERM", 15}, {"INT", 2}, {"SEGV", 11}, {"ABRT", 6}};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		char *out = must_print("signal %d, exit 0\n", table[i].number);
		char *sentence = must_print("\n  It was ended by signal %d (", table[i].number);

		drive(table[i].name, "victim", "");
		stage_expect(&stage, 0, out, "");
		stage_run(&stage, "report %s", table[i].name);
		expect_in(stage.capture.out, sentence);
		free(sentence);
		free(out);
	}
}

static void signals_are_passed_on(void **state)
{
	static const char *const name[] = {"HUP", "INT", "QUIT", "USR1", "USR2", "TERM"};

	(void)state;
	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++) {
		char *out = must_print("signal 0, exit 5\ngot %s\n", name[i]);

		drive(name[i], "command", "HUP,INT,QUIT,USR1,USR2,TERM");
		stage_expect(&stage, 0, out, "");
		free(out);
	}
	/* That it can be reported says that we outlived it. */
	stage_run(&stage, "report TERM");
	assert_int_equal(stage.capture.status, 0);
}

static void a_signal_that_it_does_not_catch_ends_both(void **state)
{
	(void)state;
	drive("TERM", "command", "");
	stage_expect(&stage, 0, "signal 15, exit 0\n", "");
	stage_run(&stage, "report TERM");
	expect_in(stage.capture.out, "\n  It was ended by signal 15 (Terminated).\n");
	stage_expect_nothing(&stage, "runtime");
}

static void its_streams_are_its_own(void **state)
{
	(void)state;
	stage_shell(&stage,
		"head -c 1000000 /dev/urandom >in; cat in | $SOCKFIX record -q -- cat | cat >out; "
		"cmp in out && cat in | $SOCKFIX record -- cat 2>said | cmp in - && "
		"$SOCKFIX record -q -- sh -c 'echo to stderr >&2'; tail -c +1 said | head -n 1");
	stage_expect(&stage, 0, ONLY_WATCHED, "to stderr\n");
	stage_run(&stage, "record -q -- printf <%%s> -q --exec --");
	stage_expect(&stage, 0, "<-q><--exec><-->", "");
}

/* ---- what is said ---- */

static void the_screen_at_the_end(void **state)
{
	char *kept, *begin;

	(void)state;
	stage_run(&stage, "record -- %s 30 2", stage.client);
	assert_int_equal(stage.capture.status, 0);
	assert_string_equal(stage.capture.out, "");
	kept = stage_only(&stage, "state/sockfix");
	begin = must_print(ONLY_WATCHED "sockfix: recorded: %s/state/sockfix/%s\n"
					"sockfix report   %s 30 2 ",
		stage.folder, kept, stage.client);
	assert_memory_equal(stage.capture.err, begin, strlen(begin));
	expect_in(stage.capture.err, "\n  seen 100 % of its TCP bytes (kernel's count)       ");
	expect_in(stage.capture.err, "\n  STALLED. ");
	expect_in(stage.capture.err, " go to one habit on one connection.\n  One rule mends it; ");
	stage_expect_nothing(&stage, "runtime");
	free(begin);
	free(kept);
}

static void quiet_is_quiet(void **state)
{
	char *kept;

	(void)state;
	stage_run(&stage, "record -q -- %s 30 2", stage.client);
	stage_expect(&stage, 0, "", "");
	kept = stage_only(&stage, "state/sockfix");
	assert_non_null(kept);
	free(kept);
}

static void misuse(void **state)
{
	(void)state;
	stage_run(&stage, "record");
	stage_expect(&stage, 125, "",
		"sockfix: record: a COMMAND is missing; see sockfix record --help\n");
	stage_run(&stage, "record --qiet true");
	stage_expect(&stage, 125, "",
		"sockfix: '--qiet' is not an option of record; did you mean '--quiet'?\n");
	stage_run(&stage, "record -o");
	stage_expect(&stage, 125, "",
		"sockfix: record: -o needs a value: DIR; see sockfix record --help\n");
	stage_expect_nothing(&stage, "runtime");
	stage_expect_nothing(&stage, "state/sockfix");
}

static void limits(void **state)
{
	static const char *const good[] = {"64K", "65536", "16M", "1G"};
	static const char *const bad[] = {"0", "-1", "63K", "65535", "16MB", "1.5M", "K", "x",
		"0x100000", "99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		stage_run(&stage, "record -q --limit %s -- true", good[i]);
		stage_expect(&stage, 0, "", "");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *sentence = must_print("sockfix: record: --limit takes a size from 64K on, "
					    "such as 16M, not '%s'; see sockfix record --help\n",
			bad[i]);

		stage_run(&stage, "record --limit %s -- true", bad[i]);
		stage_expect(&stage, 125, "", sentence);
		free(sentence);
	}
}

/* Bytes are counted on when there is no room for events: the counts say 100 %, but what the turns
 * behind the end were like nobody knows. */
static void a_full_recording_is_no_ground_for_a_no(void **state)
{
	(void)state;
	stage_run(&stage, "record -o run --limit 64K -- %s 5000 1", stage.client);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err,
		" % of the run): it was FULL (record\n"
		"  --limit SIZE). What came after is counted, and not judged.\n");
	expect_in(stage.capture.err, "\n  next  sockfix record --limit 256M -- ");
	expect_in(stage.capture.err, "   ~ not recorded ");
	expect_in(stage.capture.err, "\n  NOT SURE. ");
	expect_in(stage.capture.err,
		"\n  Too much was not seen to say that it is not the sockets.\n");
}

/* ---- COMMAND cannot be started, or not be looked into ---- */

static void not_found_and_not_executable(void **state)
{
	(void)state;
	stage_run(&stage, "record -q -- nosuch-command");
	stage_expect(&stage, 127, "",
		"sockfix: failed to run command 'nosuch-command': No such file or directory\n");
	capture_write(stage.folder, "plain", "echo\n", 0644);
	stage_run(&stage, "record -q -- ./plain");
	stage_expect(
		&stage, 126, "", "sockfix: failed to run command './plain': Permission denied\n");
	stage_expect_nothing(&stage, "runtime");
	stage_expect_nothing(&stage, "state/sockfix");
	stage_run(&stage, "record -q --exec -- nosuch-command");
	assert_int_equal(stage.capture.status, 127);
}

/* The screen says what was said at the start. */
static void expect_unseen(const char *sentence, const char *wrapped)
{
	char *said = must_print(ONLY_WATCHED "sockfix: %s\n", sentence);

	assert_memory_equal(stage.capture.err, said, strlen(said));
	expect_in(stage.capture.err, "\n  no TCP connection was seen ");
	expect_in(stage.capture.err, wrapped);
	expect_not_in(stage.capture.err, "\n  next ");
	free(said);
}

static void what_cannot_be_seen_is_not_judged(void **state)
{
	char *sudo = stage_path(&stage, "bin");

	(void)state;
	stage_shell(&stage, "echo 'int main(void) { return 3; }' | cc -static -o fixed -x c -");
	stage_expect(&stage, 0, "", "");
	stage_run(&stage, "record -- ./fixed");
	assert_int_equal(stage.capture.status, 3);
	expect_unseen("./fixed is statically linked, no library can be preloaded into it: a "
		      "dynamically linked build of it works, and while it runs sockfix mend -p PID",
		"\n  NOT SURE.\n  ./fixed is statically linked, no library can be preloaded into "
		"it: a\n  dynamically linked build of it works, and while it runs sockfix mend -p PID\n");
	MUST(mkdir(sudo, 0755) == 0);
	capture_write(sudo, "sudo", "#!/bin/sh\nshift 2; exec \"$@\"\n", 0755);
	stage_shell(&stage, "PATH=$PWD/bin:$PATH $SOCKFIX record -- sudo -u x echo ran");
	stage_expect(&stage, 0, "ran\n", stage.capture.err);
	expect_unseen("sudo drops LD_PRELOAD: write sudo -u x sockfix run -- echo ran",
		"\n  NOT SURE.\n  sudo drops LD_PRELOAD: write sudo -u x sockfix run -- echo "
		"ran\n");
	stage_environment(&stage, "SOCKFIX_OFF=1");
	stage_run(&stage, "record -- true");
	assert_int_equal(stage.capture.status, 0);
	expect_unseen("SOCKFIX_OFF=1 is set: the library will be loaded and do nothing",
		"\n  NOT SURE.\n  Nothing was recorded: the library was at work in no process.\n");
	free(sudo);
}

static void strict_refuses_what_it_cannot_see(void **state)
{
	(void)state;
	stage_shell(&stage, "echo 'int main(void) { return 3; }' | cc -static -o fixed -x c -");
	stage_run(&stage, "record --strict -q -- ./fixed");
	stage_expect(&stage, 125, "",
		"sockfix: ./fixed is statically linked, no library can be preloaded into it: a "
		"dynamically linked build of it works, and while it runs sockfix mend -p PID\nsockfix: ./fixed is not run (--strict)\n");
	stage_run(&stage, "record --strict -r nosuch.conf -- true");
	assert_int_equal(stage.capture.status, 125);
	expect_in(stage.capture.err, "sockfix: true is not run (--strict)\n");
	stage_run(&stage, "record --strict -q -- sh -c true");
	stage_expect(&stage, 0, "", "");
}

static void children_are_left_alone_when_asked_for(void **state)
{
	(void)state;
	stage_shell(&stage, "$SOCKFIX record -q --no-children -o run -- sh -c '%s 3 1; true'",
		stage.client);
	stage_expect(&stage, 0, "", "");
	stage_run(&stage, "report run");
	expect_in(stage.capture.out, "\n  no TCP connection was seen ");
	expect_in(stage.capture.out,
		"\n  NOT SURE.\n  What it started was left alone (--no-children): record ");
	stage_run(&stage, "record -q --no-children -o whole -- %s 3 1", stage.client);
	stage_expect(&stage, 0, "", "");
	stage_run(&stage, "report whole");
	expect_in(stage.capture.out, "   1 connection   1 peer\n");
	expect_not_in(stage.capture.out, "NOT SURE");
}

/* ---- names ---- */

static void names_are_kept_only_when_asked_for(void **state)
{
	static const char looker[] =
		"use Socket; socket(my $s, PF_INET, SOCK_STREAM, 0);\n"
		"connect($s, pack_sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die;\n"
		"Socket::getaddrinfo('spoken.example', '', {flags => Socket::AI_NUMERICHOST});\n";

	(void)state;
	capture_write(stage.folder, "looker.pl", looker, 0644);
	stage_run(&stage, "record -q -o without -- perl looker.pl %d", port);
	stage_run(&stage, "record -q -o with --names -- perl looker.pl %d", port);
	stage_shell(&stage, "grep -l spoken.example with/* without/* | sed 's,/.*trace,/trace,'");
	stage_expect(&stage, 0, "with/trace\n", "");
}

/* ---- rules ---- */

static void with_rules(void **state)
{
	(void)state;
	stage_run(&stage, "record -s tcp_nodelay=1 -- %s 30 2", stage.client);
	expect_not_in(stage.capture.err, "rules: none.");
	expect_in(stage.capture.err, "\n  rules: default, command-line\n\n  MENDED. 30 turns, ");
	capture_write(stage.folder, "my.conf",
		"my: { match: { role = \"client\"; }; set: { tcp_nodelay = true; }; };\n", 0644);
	stage_run(&stage, "record -r my.conf -- %s 30 2", stage.client);
	expect_in(stage.capture.err, "\n  rules: my\n\n  MENDED. 30 turns, ");
	stage_run(&stage, "record -P default -q -o run -- true");
	stage_expect(&stage, 0, "", "");
	stage_run(&stage, "report run");
	expect_in(stage.capture.out, "\n  rules: default\n");
	stage_run(&stage, "record -r my.conf -q -o named -- true");
	stage_run(&stage, "report --format json named");
	expect_in(stage.capture.out, "\"rule_names\": [\n      \"my\"\n    ],");
}

/* Nothing that is ours is in COMMAND's environment then. */
static void bad_rules(void **state)
{
	(void)state;
	stage_run(&stage, "record -r nosuch.conf -- printenv SOCKFIX_TRACE SOCKFIX_RULES");
	stage_expect(&stage, 1, "",
		"sockfix: nosuch.conf: cannot be read: No such file or directory\n"
		"sockfix: running printenv without recording it\n");
	stage_run(&stage, "record -s tcp_nodlay=1 -- echo ran");
	stage_expect(&stage, 0, "ran\n",
		"sockfix: -s: 'tcp_nodlay' is not an option; did you mean tcp_nodelay?\n"
		"sockfix: running echo without recording it\n");
	stage_expect_nothing(&stage, "runtime");
}

/* ---- processes, and ends in the middle ---- */

static void children_are_processes_of_the_run(void **state)
{
	char *victim = build_path("victims/recorded");

	(void)state;
	stage_run(&stage, "record -o forks -- %s forks 3", victim);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err, "   4 processes   20 connections   2 peers\n");
	/* vfork, posix_spawn, and what it becomes itself */
	stage_run(&stage, "record -o starts -- %s starts", victim);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err, "   4 processes   10 connections   8 peers\n");
	expect_not_in(stage.capture.err, "MISSING");
	expect_in(stage.capture.err, "\n  IT IS NOT THE SOCKETS. ");
	stage_run(&stage, "record -- %s 3 1", stage.client);
	expect_in(
		stage.capture.err, "   1 process   1 thread on sockets   1 connection   1 peer\n");
	free(victim);
}

static void expect_turns(const char *text, int turns)
{
	const char *line = strstr(text, "its dialect:");
	int seen = 0;

	assert_non_null(line);
	assert_int_equal(sscanf(line, "its dialect: w2 r3 x%d", &seen), 1);
	assert_int_equal(seen, turns);
}

static void a_victim_that_is_killed_is_reported(void **state)
{
	(void)state;
	drive("KILL", "victim", "");
	stage_expect(&stage, 0, "signal 9, exit 0\n", "");
	stage_run(&stage, "report KILL");
	assert_int_equal(stage.capture.status, 0);
	expect_in(
		stage.capture.out, "   1 process   1 thread on sockets   1 connection   1 peer\n");
	expect_in(stage.capture.out, "\n  It was ended by signal 9 (Killed).\n\n  NOT SURE. ");
	expect_not_in(stage.capture.out, "Its end was not seen");
	expect_turns(stage.capture.out, 30);
	stage_expect_nothing(&stage, "runtime");
}

/* COMMAND goes on, and what is left can be reported before and after its end. */
static void a_recorder_that_is_killed(void **state)
{
	static const char unseen[] = "\n  Its end was not seen: it outlived sockfix record, which "
				     "left it or was cut\n  off.\n";

	(void)state;
	stage_environment(&stage, "MEANWHILE=$SOCKFIX report runtime/* >meanwhile");
	stage_shell(&stage,
		"export SOCKFIX; perl drive.pl KILL command $SOCKFIX record -q -o run -- "
		"perl talker.pl %d",
		port);
	stage_expect(&stage, 0, "signal 9, exit 0\ngo on\n", "");
	char *path = stage_path(&stage, "meanwhile"), *meanwhile = must_read_file(path);
	expect_in(meanwhile, "   1 process   1 thread on sockets   1 connection   1 peer\n");
	expect_in(meanwhile, "\n  Its end was not seen: it still runs.\n");
	expect_turns(meanwhile, 30);
	stage_shell(&stage, "$SOCKFIX report runtime/*");
	assert_int_equal(stage.capture.status, 0);
	expect_not_in(stage.capture.out, "-?\n");
	expect_in(stage.capture.out, unseen);
	expect_in(stage.capture.out, "\n  IT IS NOT THE SOCKETS. ");
	expect_turns(stage.capture.out, 60);
	stage_shell(&stage, "test ! -e run");
	stage_expect(&stage, 0, "", "");
	stage_run(&stage, "report");
	expect_in(stage.capture.err, "sockfix: the newest run: ");
	expect_in(stage.capture.err, "/runtime/sockfix-");
	expect_turns(stage.capture.out, 60);
	free(meanwhile);
	free(path);
}

#define TEST(name) cmocka_unit_test_prestate_setup_teardown(name, set_up, stage_tear_down, &stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(its_exit_status_is_ours),
		TEST(its_signal_ends_us),
		TEST(signals_are_passed_on),
		TEST(a_signal_that_it_does_not_catch_ends_both),
		TEST(its_streams_are_its_own),
		TEST(the_screen_at_the_end),
		TEST(quiet_is_quiet),
		TEST(misuse),
		TEST(limits),
		TEST(a_full_recording_is_no_ground_for_a_no),
		TEST(not_found_and_not_executable),
		TEST(what_cannot_be_seen_is_not_judged),
		TEST(strict_refuses_what_it_cannot_see),
		TEST(children_are_left_alone_when_asked_for),
		TEST(names_are_kept_only_when_asked_for),
		TEST(with_rules),
		TEST(bad_rules),
		TEST(children_are_processes_of_the_run),
		TEST(a_victim_that_is_killed_is_reported),
		TEST(a_recorder_that_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
