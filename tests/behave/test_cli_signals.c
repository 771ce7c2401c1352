/* Signals on a terminal and of a group: COMMAND gets each once, whether the kernel, somebody else
 * or COMMAND itself sends it, and that the terminal is gone reaches it as well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/stage.h"

/* counter.pl [NAME]: says "ready", and each signal that it gets; ends with 6 when it gets TERM or
 * HUP. What it said it says to the file `said`, too. NAME is sent to its own group first. */
static const char counter_text[] =
	"use POSIX; $| = 1; open(my $said, '>', 'said') or die; $said->autoflush(1);\n"
	"sigprocmask(SIG_BLOCK, POSIX::SigSet->new(1 .. 15)); alarm 20;\n"
	"sub note { print \"$_[0]\\n\"; print $said \"$_[0]\\n\" }\n"
	"$SIG{$_} = sub { note($_[0]) } for qw(INT QUIT USR1);\n"
	"$SIG{$_} = sub { note($_[0]); exit 6 } for qw(TERM HUP);\n"
	"use IO::Handle; note('ready'); kill $ARGV[0], 0 if @ARGV;\n"
	"my $none = POSIX::SigSet->new; POSIX::sigsuspend($none) if @ARGV;\n"
	"system('kill', '-TERM', getppid()) if @ARGV; POSIX::sigsuspend($none) while 1;\n";

static struct stage stage;
static int terminal;
static pid_t recorder;

static int set_up(void **state)
{
	(void)state;
	stage_begin(&stage);
	capture_write(stage.folder, "counter.pl", counter_text, 0644);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stage_end(&stage);
	return 0;
}

/* As the leader of a session whose terminal is ours; it echoes nothing. */
static void record_on_terminal(void)
{
	const char *const argv[] = {
		stage.sockfix, "record", "-q", "-o", "run", "--", "perl", "counter.pl", NULL};
	struct termios plain;

	recorder = forkpty(&terminal, NULL, NULL, NULL);
	MUST(recorder >= 0);
	if (recorder == 0) {
		MUST(tcgetattr(0, &plain) == 0);
		plain.c_lflag &= ~(tcflag_t)ECHO;
		plain.c_oflag &= ~(tcflag_t)OPOST;
		MUST(tcsetattr(0, TCSANOW, &plain) == 0);
		stage_become(&stage, argv);
	}
}

static void expect_line(const char *line)
{
	char got[64];
	size_t length = 0;

	do
		MUST(length + 1 < sizeof(got) && read(terminal, got + length, 1) == 1);
	while (got[length++] != '\n');
	got[length - 1] = '\0';
	assert_string_equal(got, line);
}

static void type(char key)
{
	MUST(write(terminal, &key, 1) == 1);
}

static void expect_end(const char *all)
{
	char *path = must_print("%s/said", stage.folder), *said;
	int status;

	MUST(waitpid(recorder, &status, 0) == recorder);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 6);
	said = must_read_file(path);
	assert_string_equal(said, all);
	free(said);
	free(path);
}

/* A signal that is passed on comes after those that were passed on before it. */
static void keys_of_the_terminal_come_once(void **state)
{
	(void)state;
	record_on_terminal();
	expect_line("ready");
	for (int i = 0; i < 5; i++) {
		type(3); /* ^C */
		expect_line("INT");
		type(28); /* ^\ */
		expect_line("QUIT");
	}
	MUST(kill(recorder, SIGUSR1) == 0);
	expect_line("USR1");
	MUST(kill(recorder, SIGTERM) == 0);
	expect_line("TERM");
	expect_end("ready\nINT\nQUIT\nINT\nQUIT\nINT\nQUIT\nINT\nQUIT\nINT\nQUIT\nUSR1\nTERM\n");
	close(terminal);
}

/* The kernel tells the leader of the session, which COMMAND would be without us. */
static void a_terminal_that_is_gone(void **state)
{
	(void)state;
	record_on_terminal();
	expect_line("ready");
	close(terminal);
	expect_end("ready\nHUP\n");
	stage_run(&stage, "report run");
	assert_int_equal(stage.capture.status, 0);
}

/* kill(0) reaches the recorder as well. Somebody else's TERM then comes last. */
static void what_it_sends_its_own_group_comes_once(void **state)
{
	static const char *const name[] = {"INT", "QUIT", "USR1"};

	(void)state;
	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++) {
		char *out = must_print("ready\n%s\nTERM\n", name[i]);

		stage_shell(&stage, "setsid -w $SOCKFIX record -q -- perl counter.pl %s", name[i]);
		stage_expect(&stage, 6, out, "");
		free(out);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_of_the_terminal_come_once),
		TEST(a_terminal_that_is_gone),
		TEST(what_it_sends_its_own_group_comes_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
