/* `sockfix mend` on programs that have the library: what they do from then on, on connections that
 * they have and on new ones, and what `which` and `status` say of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/given.h"
#include "tests/helper/must.h"

static char *folder;

/* ---- what becomes of connections ---- */

/* Segments that came on the first connection since the last time: two writes a turn, 13 bytes. */
static uint32_t segments_since(struct peer *peer, int rounds, uint32_t *before)
{
	uint32_t now, since;

	assert_true(peer_wait(peer, 0, (size_t)rounds * GIVEN_TURNS * 13));
	now = peer_segments(peer, 0);
	since = now - *before;
	*before = now;
	return since;
}

static const struct row {
	const char *rules, *names;
	int least, most, alive; /* turns held, of each connection; SO_KEEPALIVE */
	uint32_t segments;	/* at most, of one that is there already; 0: two a turn, at least */
} row_table[] = {
	{NULL, "begin", 0, 0, 0, 0},
	{"-s coalesce=auto", "default, command-line", GIVEN_MOST, GIVEN_TURNS, 0,
		2 * GIVEN_TURNS - GIVEN_MOST},
	{"-s coalesce=off", "default, command-line", 0, 0, 0, 0},
	{GIVEN_ALWAYS, "default, command-line", GIVEN_TURNS - GIVEN_FEW, GIVEN_TURNS, 0,
		GIVEN_TURNS + GIVEN_FEW},
	{"-s coalesce=off -s so_keepalive=true", "default, command-line", 0, 0, 1, 0},
	{"-s coalesce=auto -s so_keepalive=true", "default, command-line", GIVEN_MOST, GIVEN_TURNS,
		1, 2 * GIVEN_TURNS - GIVEN_MOST},
	{"-s coalesce=off -s tcp_nodelay=true", "default, command-line", 0, 0, 0, 0},
};
enum { ROWS = sizeof(row_table) / sizeof(*row_table) };

static void expect_round(struct run *run, struct peer *peer, int number, uint32_t *before)
{
	const struct row *row = &row_table[number];
	const struct given_round round = given_round(run);
	const uint32_t came = segments_since(peer, number + 1, before);

	given_held(&round, row->least, row->most);
	assert_int_equal(round.alive, row->alive);
	assert_int_equal(round.tells, 0);
	if (row->segments ? came > row->segments : came < 2 * GIVEN_TURNS)
		fail_msg("round %d: %u segments", number, came);
}

static void expect_rules(pid_t pid, int changes)
{
	const char *names = row_table[changes].names;
	char *text = changes ? must_print("rules    %s\n         changed %d time%s since it "
					  "began\nflows ",
				       names, changes, changes > 1 ? "s" : "")
			     : must_print("rules    %s\nflows ", names);

	given_status(pid, text);
	free(text);
}

static void test_rounds(void **state)
{
	char *times = must_print("%d", ROWS);
	uint32_t before = 0;
	struct peer *peer;
	struct run *run;

	(void)state;
	if (library_loads()) {
		peer = peer_start(&(struct peer_plan){.answer_lines = true, .quick = true});
		run = given_start("rounds", times, peer, MODE_AUTO, GIVEN_OFF);
		for (int i = 0; i < ROWS; i++) {
			expect_round(run, peer, i, &before);
			expect_rules(run_pid(run), i);
			if (i + 1 < ROWS)
				given_mend(run_pid(run), row_table[i + 1].rules, 0,
					"it has not looked yet");
			run_go(run);
		}
		given_end(run);
		peer_stop(peer);
	}
	free(times);
}

/* What the old rules did not ask for is found out then. */
static void test_program(void **state)
{
	char *mine = must_print("-r %s/mine.conf", folder), *args;
	struct given_round round;
	struct peer *peer;
	struct run *run;

	(void)state;
	args = must_print("-r %s/args.conf", folder);
	capture_write(folder, "mine.conf",
		"other: { match: { program = \"other\"; }; set: { coalesce = \"always\"; }; };\n",
		0644);
	capture_write(folder, "args.conf",
		"mine: { match: { program = \"given\"; args = \"rounds *\"; peer = "
		"\"127.0.0.0/8\"; role = \"client\"; }; set: { coalesce = \"always\"; "
		"coalesce_delay = \"100ms\"; }; };\n",
		0644);
	if (library_loads()) {
		peer = peer_start(&(struct peer_plan){.answer_lines = true, .quick = true});
		run = given_start("rounds", "3", peer, MODE_AUTO, GIVEN_OFF);
		given_round(run);
		given_mend(run_pid(run), mine, 0, ": other\n");
		run_go(run);
		round = given_round(run);
		given_held(&round, 0, 0);
		given_mend(run_pid(run), args, 0, ": mine\n");
		run_go(run);
		round = given_round(run);
		given_held(&round, GIVEN_TURNS - GIVEN_FEW, GIVEN_TURNS);
		run_go(run);
		given_end(run);
		peer_stop(peer);
	}
	free(args);
	free(mine);
}

/* ---- children ---- */

static void test_children(void **state)
{
	struct peer *peer;
	struct run *run;

	(void)state;
	if (!library_loads())
		return;
	peer = peer_start(&(struct peer_plan){.answer_lines = true});
	run = given_start("children", NULL, peer, MODE_AUTO, GIVEN_OFF);
	assert_string_equal(run_mark(run), "ready");
	given_mend(run_pid(run), "-s tcp_nodelay=true", 0, "programs");
	run_go(run);
	given_status(given_child(run), "rules    default, command-line\n");
	run_go(run);
	given_status(given_child(run), "rules    begin\n");
	run_go(run);
	given_end(run);
	peer_stop(peer);
}

/* ---- what `which` says of them ---- */

/* Its lines, put together to one, without the columns. */
static void expect_which(pid_t pid, int status, const char *part)
{
	char *line = must_print("which -p %d", (int)pid), *all, *at;

	capture_sockfix(&given_capture, line);
	all = at = must_print("%s", status ? given_capture.err : given_capture.out);
	for (const char *from = all; *from; from++)
		if (*from != '\n' && (*from != ' ' || (at > all && at[-1] != ' ')))
			*at++ = *from;
		else if (at > all && at[-1] != ' ')
			*at++ = ' ';
	*at = '\0';
	if (given_capture.status != status || !strstr(all, part))
		fail_msg("sockfix %s: %d, not %d with '%s':\n%s%s", line, given_capture.status,
			status, part, given_capture.out, given_capture.err);
	free(all);
	free(line);
}

static void test_which(void **state)
{
	struct peer *peer;
	struct run *run;
	char *text;

	(void)state;
	if (!library_loads())
		return;
	peer = peer_start(&(struct peer_plan){.answer_lines = true, .quick = true});
	run = given_start("rounds", "3", peer, MODE_AUTO, GIVEN_OFF);
	given_round(run);
	text = must_print("client of 127.0.0.1:%d coalesce = off (begin) now coalesce is off: 0 "
			  "writes held, 0 late",
		peer_port(peer));
	expect_which(run_pid(run), 0, text);
	free(text);
	given_mend(
		run_pid(run), "-s coalesce=auto -s so_keepalive=true", 0, "it has not looked yet");
	expect_which(run_pid(run), 0,
		"rules begin others were given: its next call on a socket takes them fd ");
	run_go(run);
	given_round(run);
	expect_which(run_pid(run), 0,
		"so_keepalive = true (command-line), coalesce = auto (command-line) now coalesce is "
		"auto: ");
	expect_which(run_pid(run), 0, " late now set: tcp_nodelay, so_keepalive ");
	run_go(run);
	given_round(run);
	run_go(run);
	given_end(run);
	peer_stop(peer);
}

static void test_which_without(void **state)
{
	struct run *run = given_start("idle", NULL, NULL, MODE_BARE, NULL);
	const pid_t pid = run_pid(run);

	(void)state;
	given_child(run);
	expect_which(pid, 1, "has not the library");
	run_go(run);
	given_end(run);
	expect_which(pid, 2, "there is no process");
	capture_sockfix(&given_capture, "which -p 1 --program x");
	assert_int_equal(given_capture.status, 2);
	assert_non_null(strstr(given_capture.err, "-p PID goes alone"));
	capture_sockfix(&given_capture, "which -p x");
	assert_int_equal(given_capture.status, 2);
}

static int group_set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	return 0;
}

static int group_tear_down(void **state)
{
	(void)state;
	capture_folder_free(folder);
	capture_free(&given_capture);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_children),
		cmocka_unit_test(test_which),
		cmocka_unit_test(test_which_without),
	};

	return cmocka_run_group_tests_name("given", tests, group_set_up, group_tear_down);
}
