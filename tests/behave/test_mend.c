/* `sockfix mend` at real processes: what stalls is mended in the middle of its run and nothing else
 * is touched, rules hold for those connections that are there and for new ones, all of it can be
 * put back, and who may not is told why. How an option is set is decided in
 * tests/unit/test_touch.c. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/link.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/peer.h"
#include "tests/helper/run.h"

#define SOMEBODY 12345 /* a user that no passwd has */

static struct capture capture;
static char *folder, *sockfix, *scenes;

static int group_set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	sockfix = build_path("sockfix");
	scenes = realpath("tests/behave/mend_scenes.py", NULL);
	assert_non_null(scenes);
	return 0;
}

static int group_tear_down(void **state)
{
	(void)state;
	capture_folder_free(folder);
	free(sockfix);
	free(scenes);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	capture = (struct capture){.env = capture_clean, .dir = folder};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_free(&capture);
	return 0;
}

/* What a scene of mend_scenes.py prints: its own words of what it saw, and mend's. In a network of
 * its own, where no port is taken. */
static void scene(const char *name, const char *wanted)
{
	char *line = must_print(
		"ip link set lo up && exec /usr/bin/python3 %s %s %s", scenes, sockfix, name);

	capture_run(&capture, (const char *[]){"unshare", "-n", "sh", "-c", line, NULL});
	free(line);
	assert_string_equal(capture.err, "");
	assert_string_equal(capture.out, wanted);
	assert_int_equal(capture.status, 0);
}

/* ---- what stalls ---- */

/* Bare the second write of each turn waits for an ACK without data, which no turn waits for from
 * the mend on: there is one less for each answer. Counted over a way of half a millisecond, with
 * bytes that the peer checks. */
static void an_import_in_mid_run(void **state)
{
	const struct link_plan plan = {.round_us = 500};
	struct link *link = link_start(&plan);
	const struct peer_plan peer_plan = {.address = NETNS_SERVER_ADDRESS,
		.answer_every = 200,
		.pattern = true,
		.netns = link_ends(link)->server};
	struct peer *peer = peer_start(&peer_plan);
	const struct launch launch = {.program = "turns",
		.argument = {"100000", "2", "100"},
		.address = NETNS_SERVER_ADDRESS,
		.port = peer_port(peer),
		.netns = link_ends(link)->client};
	struct run *run = run_start(&launch);
	struct way_count before, after;
	struct outcome outcome;
	size_t received;
	char *line;
	bool right;

	(void)state;
	assert_true(peer_wait(peer, 0, 10 * 200));
	link_begin(link, NULL);
	assert_true(peer_wait(peer, 0, 30 * 200));
	before = link_count(link, LINK_BACK);
	line = must_print("mend -p %d --once -o %s/undo", (int)run_pid(run), folder);
	capture_sockfix(&capture, line);
	free(line);
	assert_string_equal(capture.err, "");
	assert_int_equal(capture.status, 0);
	line = must_print("  %s:%-*d  tcp_nodelay false -> true   it stalled\n",
		NETNS_SERVER_ADDRESS, 23 - (int)strlen(NETNS_SERVER_ADDRESS), peer_port(peer));
	assert_non_null(strstr(capture.out, line));
	assert_non_null(strstr(capture.out, "\n1 connection was mended\n"));
	free(line);
	link_begin(link, NULL);
	received = peer_received(peer, 0, &right);
	assert_true(peer_wait(peer, 0, received + 1000 * 200));
	after = link_count(link, LINK_BACK);
	print_message("    bare %u answers, %u ACKs alone; then %u, %u\n", before.data, before.acks,
		after.data, after.acks);
	assert_in_range(before.acks, 2 * before.data - 2, 2 * before.data + 2);
	assert_in_range(after.data, 900, UINT32_MAX);
	assert_in_range(after.acks, 0, after.data + after.data / 10);
	kill(run_pid(run), SIGKILL);
	run_finish(run, &outcome);
	outcome_free(&outcome);
	peer_received(peer, 0, &right);
	assert_true(right);
	peer_stop(peer);
	link_stop(link);
}

/* Of a hundred and ten connections of one program. */
static void one_of_many(void **state)
{
	(void)state;
	scene("one_of_many", "PORT tcp_nodelay false -> true   it stalled\n"
			     "PORT answers\n"
			     "1 connection was mended\n"
			     "undo\n"
			     "exit 0\n"
			     "nodelay: stalled\n");
}

static void nothing_stalls(void **state)
{
	(void)state;
	scene("nothing_stalls", "nothing was to be set on the connections of process PID (3 seen)\n"
				"exit 1\n"
				"nodelay: none\n");
}

/* ---- rules ---- */

static void options_and_back(void **state)
{
	(void)state;
	scene("options_and_back",
		"PORT tcp_maxseg: no connection takes that once it is made   rule command-line\n"
		"PORT so_sndbuf N -> 131072   rule command-line\n"
		"PORT tcp_user_timeout 0ms -> 30s   rule command-line\n"
		"PORT so_linger off -> 5s   rule command-line\n"
		"PORT tcp_congestion WORD -> reno   rule command-line\n"
		"PORT ip_tos 0 -> 16   rule command-line\n"
		"1 connection was mended\n"
		"undo\n"
		"exit 0\n"
		"as set\n"
		"PORT ip_tos is 0 again\n"
		"PORT tcp_congestion is WORD again\n"
		"PORT so_linger is off again\n"
		"PORT tcp_user_timeout has been set to something else since: left\n"
		"PORT so_sndbuf is N again\n"
		"4 options put back, 1 set to something else since\n"
		"exit 1\n"
		"as before, but for one\n"
		"0 options put back, 5 of connections that are closed\n"
		"exit 0\n");
}

static void only_looks(void **state)
{
	(void)state;
	scene("only_looks", "PORT tcp_user_timeout 0ms -> 30s (would be set)   rule command-line\n"
			    "1 connection would be mended\n"
			    "exit 0\n"
			    "as before\n");
}

static void rules_leave_alone(void **state)
{
	(void)state;
	scene("rules_leave_alone", "PORT left as it is: leave_alone, FILE:1\n"
				   "PORT tcp_keepidle 7200s -> 60s   rule mine\n"
				   "1 connection was mended\n"
				   "undo\n"
				   "exit 0\n"
				   "set on: second\n");
}

static void one_message_a_segment(void **state)
{
	(void)state;
	need("root");
	scene("one_message_a_segment",
		"PORT left as it is: no rule names port 502, where one message is one segment\n"
		"nothing was to be set on the connections of process PID (1 seen)\n"
		"exit 1\n"
		"PORT left as it is: no rule names port 502, where one message is one segment\n"
		"nothing was to be set on the connections of process PID (1 seen)\n"
		"exit 1\n"
		"PORT tcp_nodelay false -> true   rule mine\n"
		"1 connection was mended\n"
		"undo\n"
		"exit 0\n");
}

static void connections_that_come_later(void **state)
{
	(void)state;
	scene("connections_that_come_later", "once: first\n"
					     "while it runs: first second third\n"
					     "exit 0\n");
}

/* With TCP_NODELAY a stream of small writes is slower than bare. */
static void a_stream_gets_nagle_back(void **state)
{
	(void)state;
	scene("a_stream_gets_nagle_back",
		"stalls: PORT tcp_nodelay false -> true   it stalled\n"
		"streams: PORT tcp_nodelay true -> false   it sends one way now\n"
		"stalls: PORT tcp_nodelay false -> true   it stalled\n"
		"nodelay: 1\n"
		"streams: PORT tcp_nodelay true -> false   it sends one way now\n"
		"its own: PORT tcp_nodelay has been set to something else since: left\n"
		"nodelay: 1\n");
}

/* Its connections go on, and rules are asked anew; or it has the library now. */
static void another_program_there(void **state)
{
	(void)state;
	scene("another_program_there",
		"PORT tcp_keepidle 7200s -> 60s   rule mine\n"
		"PORT left as it is: leave_alone, FILE:1\n"
		"PORT left as it is: leave_alone, FILE:1\n"
		"exit 0\n"
		"PORT tcp_keepidle 7200s -> 60s   rule mine\n"
		"sockfix: process PID has become a program that has the library, which mends it "
		"itself: sockfix status PID\n"
		"exit 2\n");
}

static void what_a_server_accepted(void **state)
{
	(void)state;
	scene("what_a_server_accepted", ":PORT from PORT tcp_nodelay false -> true   rule mine\n"
					"1 connection was mended\n"
					"undo\n"
					"exit 0\n");
}

/* ---- killed, and refused ---- */

static void killed_at_any_moment(void **state)
{
	(void)state;
	scene("killed_at_any_moment", "each close was seen\n"
				      "files of undo are whole\n"
				      "it was set and it was not\n");
}

static void who_may_not(void **state)
{
	(void)state;
	need("root");
	MUST(chmod(folder, 0777) == 0);
	scene("who_may_not",
		"sockfix: process PID (python3) belongs to root, and its sockets are shown to that "
		"user and to root alone; as one of them: sockfix mend -p PID\n"
		"exit 2\n"
		"sockfix: process PID (python3) is yours, but shows its sockets to root alone (it "
		"has, or had, other rights than you); as root: sockfix mend -p PID\n"
		"exit 2\n"
		"sockfix: process PID (python3) is yours, but shows its sockets to root alone (it "
		"has, or had, other rights than you); as root: sockfix mend -p PID\n"
		"exit 2\n"
		"sockfix: the sockets of process PID cannot be taken: this kernel is older than "
		"Linux 5.6 (pidfd_getfd(2)); from its next start on: sockfix run\n"
		"exit 2\n"
		"sockfix: there is no process PID\n"
		"exit 2\n");
}

static void nowhere_to_keep_it(void **state)
{
	(void)state;
	scene("nowhere_to_keep_it",
		"sockfix: nothing is set, for what undoes it cannot be kept in /nowhere/undo: No "
		"such file or directory\n"
		"exit 2\n"
		"as before\n"
		"sockfix: FILE:1: no line of a mend's\n"
		"exit 2\n"
		"sockfix: cannot read /nowhere/undo: No such file or directory\n"
		"exit 2\n");
}

static void misuse(void **state)
{
	static const char *const wrong[][2] = {{"mend", "-p PID is missing"},
		{"mend -p x", "-p takes the number of a process, not 'x'"},
		{"mend -p 1 --for 0", "--for takes seconds, such as 30 or 0.5, not '0'"},
		{"mend -p 1 --once --for 3", "--once and --for exclude each other"},
		{"mend -p 1 30", "'30' is one word too many"},
		{"mend -p 1 --undo x", "--undo goes with no PID and no rules"}};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		capture_sockfix(&capture, wrong[i][0]);
		assert_int_equal(capture.status, 2);
		assert_non_null(strstr(capture.err, wrong[i][1]));
		assert_string_equal(capture.out, "");
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_import_in_mid_run),
		TEST(one_of_many),
		TEST(nothing_stalls),
		TEST(options_and_back),
		TEST(only_looks),
		TEST(rules_leave_alone),
		TEST(one_message_a_segment),
		TEST(connections_that_come_later),
		TEST(a_stream_gets_nagle_back),
		TEST(another_program_there),
		TEST(what_a_server_accepted),
		TEST(killed_at_any_moment),
		TEST(who_may_not),
		TEST(nowhere_to_keep_it),
		TEST(misuse),
	};

	need_for_all("tun");
	return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
