/* The line that record keeps fresh on a terminal: where it is shown, that it tells what happens,
 * and that nothing of it is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <poll.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/stage.h"

/* Stalls turn by turn until there is a file `stop`; then says so. */
static const char forever_text[] =
	"use IO::Socket; my $s = IO::Socket::INET->new(\"127.0.0.1:$ARGV[0]\") or die;\n"
	"alarm 100; until (-e 'stop') {\n"
	"	syswrite($s, 'x' x 100); syswrite($s, \"x\\n\"); sysread($s, my $a, 9) or die; }\n"
	"print \"it stops\\n\";\n";

/* The line is shown after five seconds where it was not asked for, so this is time enough. */
enum { PATIENCE_S = 60, LONGER_S = 8, SCREEN = 1 << 16 };

static struct stage stage;
static int terminal;
static pid_t recorder;
static char shown[SCREEN]; /* what came on the terminal */
static size_t length;

static int set_up(void **state)
{
	(void)state;
	stage_begin(&stage);
	stage_environment(&stage, "TERM=dumb");
	capture_write(stage.folder, "forever.pl", forever_text, 0644);
	length = 0;
	*shown = '\0';
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stage_end(&stage);
	return 0;
}

/* `sockfix record WORDS -- sh -c LINE`, on a terminal of its own. */
static void record(const char *words, const char *line)
{
	const char *argv[16] = {stage.sockfix, "record", "-o", "run"};
	const struct winsize size = {.ws_row = 24, .ws_col = 80};
	char *copy = strdup(words), *rest = NULL;
	size_t count = 4;

	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[count++] = word;
	argv[count++] = "--";
	argv[count++] = "sh";
	argv[count++] = "-c";
	argv[count++] = line;
	recorder = forkpty(&terminal, NULL, NULL, &size);
	MUST(recorder >= 0);
	if (recorder == 0)
		stage_become(&stage, argv);
	free(copy);
}

/* False: the other side is closed, or nothing came for so long. */
static bool read_on(int wait_ms)
{
	struct pollfd ready = {.fd = terminal, .events = POLLIN};
	ssize_t got;

	if (poll(&ready, 1, wait_ms) != 1)
		return false;
	MUST(length + 1 < SCREEN);
	got = read(terminal, shown + length, SCREEN - 1 - length);
	length += got > 0 ? (size_t)got : 0;
	shown[length] = '\0';
	return got > 0;
}

static void read_for(int seconds)
{
	const time_t end = time(NULL) + seconds;

	while (time(NULL) < end)
		read_on(100);
}

/* The seconds in the newest line that is there as a whole; 0: it does not say any. */
static double stalled(void)
{
	double newest = 0;
	int whole;

	for (const char *at = shown; (at = strstr(at, "  stalled ")); at++) {
		double seconds = 0;

		whole = 0;
		if (sscanf(at, "  stalled %lf s\r%n", &seconds, &whole) == 1 && whole)
			newest = seconds;
	}
	return newest;
}

static void wait_for_stalls(void)
{
	while (stalled() == 0)
		MUST(read_on(PATIENCE_S * 1000));
}

static void stop(void)
{
	int status;

	capture_write(stage.folder, "stop", "", 0644);
	while (read_on(PATIENCE_S * 1000))
		;
	close(terminal);
	MUST(waitpid(recorder, &status, 0) == recorder);
	assert_int_equal(status, 0);
}

/* What a terminal shows of it in the end: what a line's beginning was written over with is gone. */
static char *left(void)
{
	char *screen = strdup(shown);
	size_t line = 0, column = 0, end = 0;

	for (size_t i = 0; i < length; i++) {
		if (shown[i] == '\r') {
			column = 0;
		} else if (shown[i] == '\n') {
			screen[end] = '\n';
			line = ++end;
			column = 0;
		} else {
			screen[line + column++] = shown[i];
			end = line + column > end ? line + column : end;
		}
	}
	screen[end] = '\0';
	return screen;
}

/* Where COMMAND wrote a word there, that took the line's place, and the rest of it is behind. */
static void expect_left(bool its_word)
{
	char *screen = left(), *report = strstr(screen, "\nsockfix report ");

	assert_non_null(report);
	expect_in(report, "STALLED.");
	*report = '\0';
	expect_in(screen, "\nsockfix: recorded: run ");
	expect_not_in(screen, "sockfix: 0:");
	if (its_word)
		expect_in(screen, "\nit stops ");
	else
		expect_not_in(screen, " stalled ");
	free(screen);
}

/* ---- where ---- */

static char *forever(const char *redirected)
{
	return must_print("exec perl forever.pl %s%s", stage.port, redirected);
}

static void it_is_shown_where_it_is_asked_for(void **state)
{
	char *line = forever("");

	(void)state;
	record("--progress", line);
	wait_for_stalls();
	expect_in(shown, "\rsockfix: 0:");
	expect_in(shown, "  1 connection  ");
	stop();
	expect_left(true);
	free(line);
}

static void it_is_shown_where_nobody_else_writes(void **state)
{
	char *line = forever(" >out 2>&1");

	(void)state;
	record("", line);
	wait_for_stalls();
	stop();
	expect_left(false);
	free(line);
}

static void not_shown(const char *words, const char *redirected)
{
	char *line = forever(redirected);

	record(words, line);
	read_for(LONGER_S);
	stop();
	expect_not_in(shown, "sockfix: 0:");
	free(line);
}

static void it_is_not_mixed_into_what_others_write(void **state)
{
	(void)state;
	not_shown("", " >out");
}

static void it_can_be_refused(void **state)
{
	(void)state;
	not_shown("--no-progress", " >out 2>&1");
}

static void without_a_terminal_one_sentence_says_so(void **state)
{
	(void)state;
	stage_run(&stage, "record -q --progress -- %s 1 1", stage.client);
	stage_expect(&stage, 0, "",
		"sockfix: --progress wants a terminal on stderr: nothing is shown before the "
		"end\n");
	stage_run(&stage, "record -q -- %s 1 1", stage.client);
	stage_expect(&stage, 0, "", "");
}

static void what_excludes_each_other(void **state)
{
	(void)state;
	stage_run(&stage, "record --progress --no-progress -- true");
	stage_expect(&stage, 125, "",
		"sockfix: record: --progress and --no-progress exclude each other; see sockfix "
		"record --help\n");
	stage_run(&stage, "record --exec --progress -- true");
	stage_expect(&stage, 125, "",
		"sockfix: record: --progress goes not with --exec: nobody stays who could show it; "
		"see sockfix record --help\n");
}

#define PROGRESS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROGRESS_TEST(it_is_shown_where_it_is_asked_for),
		PROGRESS_TEST(it_is_shown_where_nobody_else_writes),
		PROGRESS_TEST(it_is_not_mixed_into_what_others_write),
		PROGRESS_TEST(it_can_be_refused),
		PROGRESS_TEST(without_a_terminal_one_sentence_says_so),
		PROGRESS_TEST(what_excludes_each_other),
	};

	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
