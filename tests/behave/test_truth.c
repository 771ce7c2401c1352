/* What is called proven is true: peers that think for as long as stalls last, near and far, that
 * acknowledge at once or do not, asked by one write and by two, with Nagle's algorithm and without.
 * The victim has the truth from the kernel's clock, in the same run: no wall of another run, none
 * of ours. One row for each; many are played at a time, for they mostly wait. */
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
#include "tests/helper/launch.h"
#include "tests/helper/link.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/peer.h"
#include "tests/helper/recording.h"

enum { AT_A_TIME = 12, TRIES = 3, TICKS = 20000 /* us: some ticks of the kernel's clock */ };

#define TRUTH_TURNS "12"

static const unsigned thinks[] = {5, 35, 40, 45, 50, 100, 300}; /* ms */
static const uint32_t ways[] = {0, 500, 20000, 80000};		/* us; 0: loopback */

struct row {
	uint32_t way;
	unsigned think;
	int writes, nodelay;
	bool quick;
};

/* ---- one row, in a process of its own ---- */

static long lost_of(const struct recording *recording)
{
	long lost;

	MUST(sscanf(recording->program.out, "#lost %ld", &lost) == 1);
	return lost;
}

/* Whether all that is called proven is so; else says what is not. */
static bool is_true(const struct row *row, const struct recording *recording)
{
	const json_t *list = json_object_get(recording->report, "findings");
	const long truth = lost_of(recording);
	long long proven = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		if (strcmp(finding_text(one, "sure"), "proven") != 0)
			continue;
		if (strcmp(finding_text(one, "code"), "N01") == 0)
			proven += finding_number(one, "lost_ns.high") / 1000;
		else
			return printf("%s, proven\n", finding_text(one, "code")), false;
	}
	if (llabs(proven - truth) <= truth / 10 + TICKS && (proven == 0 || !row->nodelay))
		return true;
	printf("N01 is called %lld us, proven; by the victim's clock it was %ld us\n", proven,
		truth);
	return false;
}

static bool play(const struct row *row, const struct link *link)
{
	struct peer_plan plan = {.answer_lines = true,
		.think_us = row->think * 1000,
		.quick = row->quick,
		.address = link ? NETNS_SERVER_ADDRESS : "127.0.0.1",
		.netns = link ? link_ends(link)->server : 0};
	struct peer *peer = peer_start(&plan);
	char *netns =
		link ? must_print("--net=/proc/%d/fd/%d", getpid(), link_ends(link)->client) : NULL;
	char *address = must_print("VICTIM_ADDRESS=%s", plan.address);
	char *port = must_print("VICTIM_PORT=%d", peer_port(peer));
	char *victim = build_path("victims/losses");
	struct recording recording = {.netns = netns};
	bool good;

	recording_make(&recording, NULL,
		PROGRAM("env", address, port, victim, "client",
			row->writes == 1 ? "joined" : "parts", TRUTH_TURNS, "0",
			row->nodelay ? "nodelay" : NULL));
	good = is_true(row, &recording);
	recording_free(&recording);
	peer_stop(peer);
	free(netns);
	free(address);
	free(port);
	free(victim);
	return good;
}

/* A machine that is late makes the clocks of two askers differ: such a row is played again. */
static _Noreturn void be_row(const struct row *row, const struct link *link)
{
	bool good = false;

	for (int i = 0; i < TRIES && !good; i++)
		good = play(row, link);
	if (!good)
		printf("  peer thinks %u ms, %d write%s, nodelay %d, quick %d, way %u us\n",
			row->think, row->writes, row->writes == 1 ? "" : "s", row->nodelay,
			row->quick, row->way);
	fflush(stdout);
	_exit(good ? 0 : 1);
}

/* ---- all rows of a way ---- */

static int wait_for_one(void)
{
	int status;

	MUST(wait(&status) > 0);
	return status != 0;
}

static void what_is_proven_is_true(void **state)
{
	const uint32_t *way = *state;
	const struct link_plan plan = {.round_us = *way};
	struct link *link = *way ? link_start(&plan) : NULL;
	const size_t count = sizeof(thinks) / sizeof(*thinks) * 8;
	int running = 0, failed = 0;

	for (size_t i = 0; i < count; i++) {
		const struct row row = {*way, thinks[i / 8], i & 1 ? 2 : 1, (i & 2) != 0, i & 4};
		pid_t pid;

		if (running == AT_A_TIME) {
			failed += wait_for_one();
			running--;
		}
		pid = fork();
		MUST(pid >= 0);
		if (pid == 0)
			be_row(&row, link);
		running++;
	}
	for (; running > 0; running--)
		failed += wait_for_one();
	assert_int_equal(failed, 0);
	if (link)
		link_stop(link);
}

/* ---- waits by epoll ---- */

static const char *const epolls[][2] = {
	{"fd", "libc"}, {"ptr", "libc"}, {"handle", "libc"}, {"ptr", "raw"}};

/* Whatever the program keeps in its events: the wait is the connection's, so the stall is found. */
static void a_wait_by_epoll_is_the_connections(void **state)
{
	const struct peer_plan plan = {.answer_lines = true};
	char *victim = build_path("victims/epolls");

	(void)state;
	for (size_t i = 0; i < sizeof(epolls) / sizeof(*epolls); i++) {
		struct peer *peer = peer_start(&plan);
		char *port = must_print("VICTIM_PORT=%d", peer_port(peer));
		struct recording recording = {0};
		const json_t *n01;

		recording_make(&recording, NULL,
			PROGRAM("env", "VICTIM_ADDRESS=127.0.0.1", port, victim, epolls[i][0],
				epolls[i][1]));
		n01 = assert_finding(&recording, "N01", "proven", "rule");
		assert_in_range(finding_number(n01, "hits"), 15, 20);
		recording_free(&recording);
		peer_stop(peer);
		free(port);
	}
	free(victim);
}

int main(void)
{
	static char names[sizeof(ways) / sizeof(*ways)][32];
	struct CMUnitTest tests[sizeof(ways) / sizeof(*ways) + 1] = {
		cmocka_unit_test(a_wait_by_epoll_is_the_connections)};
	const size_t count = sizeof(tests) / sizeof(*tests);

	need_for_all("tun");
	for (size_t i = 0; i + 1 < count; i++) {
		snprintf(names[i], sizeof(names[i]), "a way of %u us", ways[i]);
		tests[i + 1] = (struct CMUnitTest){
			names[i], what_is_proven_is_true, NULL, NULL, (void *)(uintptr_t)&ways[i]};
	}
	/* Without the library there is nothing to record. */
	return _cmocka_run_group_tests("truth", tests, library_loads() ? count : 0, NULL, NULL);
}
