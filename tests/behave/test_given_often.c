/* Rules that change all the time, under threads and a signal handler in the middle of their writes;
 * and a command that is killed before it has said all. */
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

enum { CHANGES = 300, CONNECTIONS = 4 };

/* ---- under load ---- */

static unsigned long note(const struct outcome *outcome, int connection)
{
	char *name = must_print("#bytes%d ", connection);
	const char *at = strstr(outcome->notes, name);
	const unsigned long bytes = at ? strtoul(at + strlen(name), NULL, 10) : 0;

	free(name);
	return bytes;
}

static void change(pid_t pid)
{
	static const char *const rules[] = {"-s coalesce=off", "-s coalesce=auto", GIVEN_ALWAYS,
		"-s coalesce=auto -s so_keepalive=true", "-s tcp_nodelay=true",
		"-s coalesce=buffer -s accept_loss=true", "-s coalesce=always"};
	unsigned random = 11;

	for (int i = 0; i < CHANGES; i++) {
		/* half of them are texts that never were */
		char *one = i % 2 ? must_print("%s -s tcp_user_timeout=%ds",
					    rules[(unsigned)rand_r(&random) % 7], 100 + i)
				  : must_print("%s", rules[(unsigned)rand_r(&random) % 7]);

		given_mend(pid, one, 0, "They hold");
		free(one);
	}
}

static void changes(enum mode mode)
{
	struct outcome outcome;
	struct peer *peer = peer_start(&(struct peer_plan){.pattern = true, .answer_every = 64});
	struct run *run = given_start("threads", NULL, peer, mode, NULL);
	bool right;

	assert_string_equal(run_mark(run), "running");
	if (library_loads())
		change(run_pid(run));
	run_go(run);
	given_finish(run, &outcome);
	for (int i = 0; i < CONNECTIONS; i++) {
		peer_wait_end(peer, i);
		assert_int_equal(peer_received(peer, i, &right), note(&outcome, i));
		assert_true(right);
		if (library_loads())
			assert_true(note(&outcome, i) > 0);
	}
	outcome_free(&outcome);
	peer_stop(peer);
}

static void test_changes_auto(void **state)
{
	(void)state;
	changes(MODE_AUTO);
}

static void test_changes_buffer(void **state)
{
	(void)state;
	changes(MODE_BUFFER);
}

/* ---- a command that is killed ---- */

static void test_killed(void **state)
{
	char *command = build_path("sockfix"), *inject, *pid;
	struct given_round round;
	struct peer *peer;
	struct run *run;

	(void)state;
	if (library_loads()) {
		peer = peer_start(&(struct peer_plan){.answer_lines = true, .quick = true});
		run = given_start("rounds", "5", peer, MODE_AUTO, GIVEN_OFF);
		pid = must_print("%d", (int)run_pid(run));
		for (int at = 1; at <= 3; at++) {
			round = given_round(run);
			given_held(&round, 0, 0);
			inject = must_print("inject=process_vm_writev:signal=KILL:when=%d", at);
			capture_run(&given_capture,
				(const char *[]){"strace", "-o", "/dev/null", "-e", inject, command,
					"mend", "-p", pid, "-s", "coalesce=always", NULL});
			assert_int_equal(given_capture.status, 128 + 9);
			given_status(run_pid(run), "rules    begin\n");
			run_go(run);
			free(inject);
		}
		given_round(run);
		given_mend(run_pid(run), GIVEN_ALWAYS, 0, "They hold");
		run_go(run);
		round = given_round(run);
		given_held(&round, GIVEN_TURNS - GIVEN_FEW, GIVEN_TURNS);
		run_go(run);
		given_end(run);
		free(pid);
		peer_stop(peer);
	}
	free(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes_auto),
		cmocka_unit_test(test_changes_buffer),
		cmocka_unit_test(test_killed),
	};
	const int failed = cmocka_run_group_tests_name("given_often", tests, NULL, NULL);

	capture_free(&given_capture);
	return failed;
}
