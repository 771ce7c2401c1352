/* `sockfix look` and the codes that it has beside Nagle's, at real programs; how near its shares
 * come to the truth; and whom it must not name. The network is the test's own. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/looking.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/netns.h"
#include "tests/helper/own.h"
#include "tests/helper/wire.h"

static void end(struct run *run)
{
	struct outcome outcome;

	kill(run_pid(run), SIGKILL);
	run_finish(run, &outcome);
	outcome_free(&outcome);
}

/* ---- how much ---- */

static double seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Every turn waits for one delayed ACK, which is 40 ms and a tick or two: what the peer counted
 * says which share of the time that is. */
static void the_share_is_true(void **state)
{
	struct launch launch = {.program = "looked", .argument = {"half"}};
	struct stalled stalled;
	double low, high, began, took, truth;
	size_t came;
	bool right;

	(void)state;
	stalled_start(&stalled, &launch, 0);
	came = peer_received(stalled.peer, 0, &right);
	began = seconds();
	looking_shell("$LOOK -p %d -t 8 --format json | /usr/bin/python3 -c 'import json, sys\n"
		      "f, = json.load(sys.stdin)[\"processes\"][0][\"findings\"]\n"
		      "print(f[\"code\"], f[\"share\"][\"low\"], f[\"share\"][\"high\"])'",
		(int)stalled.pid);
	took = seconds() - began;
	truth = (double)(peer_received(stalled.peer, 0, &right) - came) / 200 * 0.042 / took;
	assert_int_equal(sscanf(looking.out, "N01 %lf %lf", &low, &high), 2);
	assert_true(truth > 0.2 && truth < 0.6);
	assert_true(low < truth + 0.1 && high > truth - 0.1);
	assert_true(high - low < 0.1);
	stalled_end(&stalled);
}

/* ---- other codes ---- */

static struct run *start(const char *habit, int *port)
{
	struct launch launch = {.program = "looked", .argument = {habit, WIRE_FAR}};
	struct run *run = run_start(&launch);

	assert_int_equal(sscanf(run_mark(run), "port %d", port), 1);
	return run;
}

static void a_buffer_that_is_fixed(void **state)
{
	int port;
	struct run *run = start("buffer", &port);

	(void)state;
	looking_shell("for all in \"-p %d\" --all; do\n"
		      "$LOOK $all -t 3 --format json >json; $CHECK %d <json; done",
		(int)run_pid(run), (int)run_pid(run));
	looking_expect(0,
		"listed False 1 0 STALLED S01 likely %s:%d\n"
		"listed False 1 0 STALLED S01 likely %s:%d\n",
		WIRE_FAR, port, WIRE_FAR, port);
	end(run);
}

/* Whose they were is known where a list came while one was there. */
static void a_connection_for_each_question(void **state)
{
	int port;
	struct run *run = start("churn", &port);

	(void)state;
	looking_shell(
		"$LOOK -t 5 --format json >json; $CHECK 0 <json; /usr/bin/python3 -c '\n"
		"import json; look = json.load(open(\"json\"))\n"
		"for f in sum((p[\"findings\"] for p in look[\"processes\"]), look[\"over\"]):\n"
		"	if f[\"peer\"] == \"%s:%d\":\n"
		"		print(f[\"code\"], f[\"connections\"] >= 50)'",
		WIRE_FAR, port);
	looking_expect(0, "C04 True\n");
	end(run);
}

/* From some moment on no ACK comes: the kernel sends again, later and later. */
static void a_peer_that_is_gone(void **state)
{
	struct launch launch = {.program = "turns",
		.argument = {"100000", "1", "200"},
		.address = NETNS_SERVER_ADDRESS};
	struct stalled stalled;
	struct netns pair;

	(void)state;
	netns_make(&pair);
	launch.netns = pair.client;
	stalled_start(&stalled, &launch, pair.server);
	looking_shell("nsenter --net=/proc/%d/fd/%d ip route add blackhole %s/32; rm -f json; "
		      "$LOOK -p %d -t 3 --format json >json; echo $?; $CHECK <json",
		(int)getpid(), pair.server, NETNS_CLIENT_ADDRESS, (int)stalled.pid);
	looking_expect(0, "0\nlisted False 1 0 STALLED S09 proven %s:%d\n", NETNS_SERVER_ADDRESS,
		peer_port(stalled.peer));
	stalled_end(&stalled);
	netns_free(&pair);
}

/* ---- no habit ---- */

static void questions_without_waiting(void **state)
{
	const struct peer_plan plan = {.answer_lines = true};
	struct peer *peer = peer_start(&plan);
	struct launch launch = {
		.program = "looked", .argument = {"pipeline"}, .port = peer_port(peer)};
	struct run *run = run_start(&launch);

	(void)state;
	assert_true(peer_wait(peer, 0, 500));
	looking_shell("$LOOK -p %d -t 3 --format json >json; $CHECK <json", (int)run_pid(run));
	looking_expect(0, "listed False 1 0 IT IS NOT THE SOCKETS\n");
	end(run);
	peer_stop(peer);
}

/* ---- what is kept ---- */

static void a_folder_of_it(void **state)
{
	struct launch launch = {.program = "turns", .argument = {"100000", "2", "100"}};
	struct stalled stalled;

	(void)state;
	stalled_start(&stalled, &launch, 0);
	looking_shell("$LOOK -p %d -t 1 -o new/kept --format json >json; echo $?; "
		      "cmp json new/kept/look.json; ls new/kept; grep -c '^n01-' new/kept/my.conf",
		(int)stalled.pid);
	looking_expect(0, "0\nlook.json\nmy.conf\n1\n");
	looking_shell("$LOOK -t 2 -o new/all | grep '^  kept'; ls new/all; "
		      "${LOOK%% look} check new/all/my.conf >&2 && echo fine; mkdir new/empty; "
		      "$LOOK -p %d -t 0.5 -o new/empty >text && ls new/empty",
		(int)stalled.pid);
	assert_string_equal(looking.out,
		"  kept  new/all/look.json and the rules, my.conf\nlook.json\nmy.conf\nfine\n"
		"look.json\nmy.conf\n");
	looking_shell("$LOOK -t 1 -o new");
	looking_expect(2, "sockfix: -o new: is not an empty folder\n");
	looking_shell("$LOOK -t 1 -o json/x");
	looking_expect(2, "sockfix: -o json/x: Not a directory\n");
	stalled_end(&stalled);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, looking_set_up, looking_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_share_is_true),
		TEST(a_buffer_that_is_fixed),
		TEST(a_connection_for_each_question),
		TEST(a_peer_that_is_gone),
		TEST(questions_without_waiting),
		TEST(a_folder_of_it),
	};
	struct wire *wire;
	int failed;

	need_for_all("tun");
	own_network();
	wire = wire_start_of(4000000);
	failed = cmocka_run_group_tests(tests, looking_begin, looking_end);
	wire_stop(wire);
	return failed;
}
