/* An strace log and a recording of one run agree: the same verdict, the same codes, the same
 * seconds (a tenth). Rows of the truth table (test_truth.c), each played once under both: the
 * library in the program, strace around it. What a log calls likely is only what the kernel's clock
 * has proven. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/helper/both.h"
#include "tests/helper/imported.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/peer.h"

enum { AT_A_TIME = 8, TRIES = 3 };

#define ROW_TURNS "24"

static const unsigned thinks[] = {5, 35, 40, 45, 50, 100, 300}; /* ms */

struct row {
	unsigned think;
	int writes, nodelay;
	bool quick;
};

static bool play(const struct row *row)
{
	const struct peer_plan plan = {
		.answer_lines = true, .think_us = row->think * 1000, .quick = row->quick};
	struct peer *peer = peer_start(&plan);
	char *port = must_print("VICTIM_PORT=%d", peer_port(peer));
	char *victim = build_path("victims/losses");
	struct imported both = {0};
	bool good;

	imported_make(&both, PROGRAM("env", "VICTIM_ADDRESS=127.0.0.1", port, victim, "client",
				     row->writes == 1 ? "joined" : "parts", ROW_TURNS, "0",
				     row->nodelay ? "nodelay" : NULL));
	good = imported_agrees(&both);
	imported_free(&both);
	peer_stop(peer);
	free(port);
	free(victim);
	return good;
}

/* A machine that is late makes timers irregular: such a row is played again. */
static _Noreturn void be_row(const struct row *row)
{
	bool good = false;

	for (int i = 0; i < TRIES && !good; i++)
		good = play(row);
	if (!good)
		printf("  peer thinks %u ms, %d write%s, nodelay %d, quick %d\n", row->think,
			row->writes, row->writes == 1 ? "" : "s", row->nodelay, row->quick);
	fflush(stdout);
	_exit(good ? 0 : 1);
}

static int wait_for_one(void)
{
	int status;

	MUST(wait(&status) > 0);
	return status != 0;
}

static void a_log_says_what_the_recording_says(void **state)
{
	const size_t count = sizeof(thinks) / sizeof(*thinks) * 8;
	int running = 0, failed = 0;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct row row = {thinks[i / 8], i & 1 ? 2 : 1, (i & 2) != 0, i & 4};
		pid_t pid;

		if (running == AT_A_TIME) {
			failed += wait_for_one();
			running--;
		}
		pid = fork();
		MUST(pid >= 0);
		if (pid == 0)
			be_row(&row);
		running++;
	}
	for (; running > 0; running--)
		failed += wait_for_one();
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_log_says_what_the_recording_says)};

	/* Without the library there is nothing to agree with. */
	return _cmocka_run_group_tests("import_strace", tests, imported_can() ? 1 : 0, NULL, NULL);
}
